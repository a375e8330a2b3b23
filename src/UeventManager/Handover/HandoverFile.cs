using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager.Handover;

/// <summary>The files of a hand-over: one with a name, or one in memory that the service manager keeps.</summary>
internal static unsafe class HandoverFile
{
    private const int GroupAndOthers = 0x3F; // rwxrwx of the mode

    /// <summary>Writes a complete file: under a temporary name, synced, then renamed. A missing directory is created.</summary>
    /// <exception cref="IOException">It cannot be written, or others could replace it; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The permission is missing.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var place = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(place);
        using var directory = TrustedDirectory.Open(place, out var refusal) ?? throw new IOException($"{path}: {refusal}");
        var temporary = directory.PathOf(Path.GetFileName(path)) + "~";
        directory.Remove(Path.GetFileName(path) + "~");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        };
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            directory.Rename(Path.GetFileName(path) + "~", Path.GetFileName(path));
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            // The path through the open directory means nothing to a reader.
            throw e is IOException ? new IOException(e.Message.Replace($" : '{temporary}'", "", StringComparison.Ordinal), e) : e;
        }
    }

    /// <summary>Opens a file and removes its name, so that it is never used a second time.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="stream">The file, or null.</param>
    /// <returns>The reason not to use it; null if it can be used, or does not exist.</returns>
    public static string? TakeOver(string path, out Stream? stream)
    {
        stream = null;
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            return null;
        using var directory = TrustedDirectory.Open(Path.GetDirectoryName(Path.GetFullPath(path))!, out var untrusted);
        if (directory is null)
            return untrusted;
        path = directory.PathOf(Path.GetFileName(path));
        int descriptor;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            descriptor = LibC.open(name, LibC.O_RDWR | LibC.O_NOFOLLOW | LibC.O_CLOEXEC | LibC.O_NONBLOCK, 0);
        if (descriptor < 0)
            return LibC.errno == LibC.ENOENT ? null : $"it cannot be opened (errno {LibC.errno})";
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if ((Refusal(descriptor) ?? TryDelete(path)) is { } refusal)
        {
            handle.Dispose();
            return refusal;
        }
        stream = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
        return null;
    }

    /// <summary>Creates a file in memory.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static FileStream InMemory(string name)
    {
        int descriptor;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
            descriptor = LibC.memfd_create(text, LibC.MFD_CLOEXEC);
        return descriptor < 0 ? throw new IOException($"memfd_create: errno {LibC.errno}") : Open(descriptor);
    }

    /// <summary>Takes over an open file.</summary>
    public static FileStream Open(int descriptor) => new(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);

    // A user who can write it could invent devices, and one who can read it sees what filters hide.
    private static string? Refusal(int descriptor)
    {
        statx data;
        var wanted = LibC.STATX_TYPE | LibC.STATX_MODE | LibC.STATX_UID | LibC.STATX_NLINK;
        fixed (byte* empty = "\0"u8)
        {
            if (LibC.statx(descriptor, empty, LibC.AT_EMPTY_PATH, wanted, &data) != 0)
                return $"it cannot be examined (errno {LibC.errno})";
        }
        return (data.stx_mode & LibC.S_IFMT) != LibC.S_IFREG ? "it is not a regular file"
            : data.stx_uid != LibC.geteuid() ? "it belongs to another user"
            : (data.stx_mode & GroupAndOthers) != 0 || data.stx_nlink != 1 ? "other users may open it"
            : null;
    }

    private static string? TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be removed: {e.Message}";
        }
    }
}
