using System.Diagnostics.CodeAnalysis;
using UeventManager.Netlink;

namespace UeventManager.Commands.Terminal;

/// <summary>The file for a command's output instead of standard output. Errors name the file and the solution.</summary>
internal static class OutputFile
{
    /// <summary>Only the owner may read it.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Like any other file, as far as the umask allows.</summary>
    public const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int NoSpace = 28; // ENOSPC
    private const int NoQuota = 122; // EDQUOT
    private const int ReadOnly = 30; // EROFS

    /// <summary>Opens the file for writing from its beginning; the first write replaces the content.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The permissions. For an existing file only <see cref="Private"/> changes anything.</param>
    /// <exception cref="IOException">It cannot be opened; the message names it and the solution.</exception>
    public static FreshFile Open(string path, UnixFileMode mode = Public)
    {
        FileStream? file = null;
        var wasThere = File.Exists(path) || new FileInfo(path).LinkTarget is not null;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = mode });
            // Before anything is written.
            var isRegular = FileKinds.IsRegular(file.SafeFileHandle);
            if (isRegular && (File.GetUnixFileMode(file.SafeFileHandle) & ~mode) != 0 && mode == Private)
                File.SetUnixFileMode(file.SafeFileHandle, mode);
            return new FreshFile(file, path, isRegular, wasThere);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new IOException(file is null ? WhyNotOpen(path, e) : $"{path}: it belongs to another user, who may read its content (remove it, or name another file)", e);
        }
    }

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it and the solution.</exception>
    public static void WriteAll(string path, ReadOnlySpan<byte> content)
    {
        var wasThere = File.Exists(path);
        using var file = Open(path);
        try
        {
            file.Write(content);
        }
        catch (IOException e)
        {
            // An incomplete file is useless.
            if (!wasThere)
                File.Delete(path);
            Throw(path, e);
        }
    }

    /// <summary>Throws because a file cannot be written any further.</summary>
    [DoesNotReturn]
    public static void Throw(string path, Exception inner) => throw new IOException($"{path}: {Explain(inner)}", inner);

    /// <summary>Why a write failed, with the solution.</summary>
    public static string Explain(Exception error) => (error.HResult & 0xffff) switch
    {
        NoSpace or NoQuota => "no space left there (free some, or name a file on another file system)",
        _ => error.Message,
    };

    /// <summary>The message of an error, with the solution if it is a full disk whose message has none.</summary>
    public static string WithSolution(Exception error) =>
        (error.HResult & 0xffff) is NoSpace or NoQuota ? $"{error.Message} (free some, or name a file on another file system)" : error.Message;

    private static string WhyNotOpen(string path, Exception error) => error switch
    {
        _ when Directory.Exists(path) => $"{path}: it is a directory (name a file in it)",
        DirectoryNotFoundException => $"{path}: {Path.GetDirectoryName(Path.GetFullPath(path))} does not exist (create it, or name a file elsewhere)",
        UnauthorizedAccessException when (error.InnerException?.HResult & 0xffff) == ReadOnly => $"{path}: the file system is read-only (name a file elsewhere)",
        UnauthorizedAccessException => $"{path}: permission denied (name a writable file)",
        _ => $"{path}: {Explain(error)}",
    };
}
