using System.Diagnostics.CodeAnalysis;
using UeventManager.Netlink;

namespace UeventManager.Commands.Terminal;

/// <summary>The file that a command's output goes to instead of standard output. What cannot be done names the file and what to do.</summary>
internal static class OutputFile
{
    /// <summary>Its owner decides who may read it.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>As any other file, as far as the umask allows.</summary>
    public const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int NoSpace = 28; // ENOSPC
    private const int NoQuota = 122; // EDQUOT
    private const int ReadOnly = 30; // EROFS

    /// <summary>Opens it for writing from its beginning; what is there is overwritten by the first write, not before.</summary>
    /// <param name="path">Where.</param>
    /// <param name="mode">Who may read it. For an existing file only <see cref="Private"/> changes anything.</param>
    /// <exception cref="IOException">It cannot be opened; the message names it and says what to do.</exception>
    public static FreshFile Open(string path, UnixFileMode mode = Public)
    {
        FileStream? file = null;
        var wasThere = File.Exists(path) || new FileInfo(path).LinkTarget is not null;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = mode });
            // Before anything is in it.
            var isRegular = FileKinds.IsRegular(file.SafeFileHandle);
            if (isRegular && (File.GetUnixFileMode(file.SafeFileHandle) & ~mode) != 0 && mode == Private)
                File.SetUnixFileMode(file.SafeFileHandle, mode);
            return new FreshFile(file, path, isRegular, wasThere);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new IOException(file is null ? WhyNotOpen(path, e) : $"{path}: it is another user's, who may read what comes into it (remove it, or name another file)", e);
        }
    }

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it and says what to do.</exception>
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
            // Half of it, or none, is not what was asked for.
            if (!wasThere)
                File.Delete(path);
            Throw(path, e);
        }
    }

    /// <summary>Says that a file cannot be written on.</summary>
    [DoesNotReturn]
    public static void Throw(string path, Exception inner) => throw new IOException($"{path}: {Explain(inner)}", inner);

    /// <summary>Why something cannot be written, and what to do.</summary>
    public static string Explain(Exception error) => (error.HResult & 0xffff) switch
    {
        NoSpace or NoQuota => "no space left there (free some, or name a file on another file system)",
        _ => error.Message,
    };

    private static string WhyNotOpen(string path, Exception error) => error switch
    {
        _ when Directory.Exists(path) => $"{path}: it is a directory (name a file in it)",
        DirectoryNotFoundException => $"{path}: {Path.GetDirectoryName(Path.GetFullPath(path))} is not there (make it, or name a file elsewhere)",
        UnauthorizedAccessException when (error.InnerException?.HResult & 0xffff) == ReadOnly => $"{path}: the file system may only be read (name a file elsewhere)",
        UnauthorizedAccessException => $"{path}: permission denied (name a file that you may write)",
        _ => $"{path}: {Explain(error)}",
    };
}
