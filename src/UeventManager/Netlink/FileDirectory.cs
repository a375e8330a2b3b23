using System.Text;
using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// An open directory for small files that are written often: names are bytes, relative to it, without <c>/</c>, and nothing is allocated.
/// </summary>
internal sealed unsafe class FileDirectory : DescriptorHandle
{
    private const int MaxName = 255; // NAME_MAX
    private const int FileMode = 0x1A4; // 0644

    private readonly string _path;

    private FileDirectory(int descriptor, string path)
        : base(descriptor) => _path = path;

    /// <summary>Opens a directory, and creates it if necessary.</summary>
    /// <exception cref="SystemCallException">It cannot be opened or created.</exception>
    public static FileDirectory Open(string path)
    {
        Directory.CreateDirectory(path);
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            var descriptor = LibC.open(name, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
            return descriptor >= 0 ? new FileDirectory(descriptor, path) : throw new SystemCallException("open", path, LibC.errno);
        }
    }

    /// <summary>Writes a file under another name and renames it, so that readers see either the old or the new content.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="SystemCallException">It cannot be written.</exception>
    public void Replace(ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        var draft = stackalloc byte[MaxName + 1];
        var path = stackalloc byte[MaxName + 1];
        // '.' first: libudev and udevadm skip such names.
        ".#"u8.CopyTo(new Span<byte>(draft, 2));
        if (!Terminate(name, path, 0) || !Terminate(name, draft, 2))
            throw new SystemCallException("open", PathOf(name), LibC.ENAMETOOLONG);
        var file = LibC.openat(Descriptor, draft, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_TRUNC | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, FileMode);
        if (file < 0)
            throw new SystemCallException("open", PathOf(name), LibC.errno);
        var written = Write(file, content);
        _ = LibC.close(file);
        if (written == 0 && LinuxApi.renameat(Descriptor, draft, Descriptor, path) == 0)
            return;
        var errno = written != 0 ? written : LibC.errno;
        _ = LibC.unlinkat(Descriptor, draft, 0);
        throw new SystemCallException("write", PathOf(name), errno);
    }

    /// <summary>Reads the beginning of a file into a buffer.</summary>
    /// <returns>The bytes read; empty if the file cannot be read.</returns>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        var path = stackalloc byte[MaxName + 1];
        var file = Terminate(name, path, 0) ? LibC.openat(Descriptor, path, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0) : -1;
        if (file < 0)
            return default;
        fixed (byte* first = buffer)
        {
            var length = (int)LibC.read(file, first, buffer.Length);
            _ = LibC.close(file);
            return buffer[..Math.Max(0, length)];
        }
    }

    /// <summary>Creates an empty file if it does not exist.</summary>
    /// <exception cref="SystemCallException">It cannot be created.</exception>
    public void Touch(ReadOnlySpan<byte> name)
    {
        var path = stackalloc byte[MaxName + 1];
        var file = Terminate(name, path, 0) ? LibC.openat(Descriptor, path, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, FileMode) : -1;
        if (file < 0)
            throw new SystemCallException("open", PathOf(name), LibC.errno);
        _ = LibC.close(file);
    }

    /// <summary>Deletes a file if it exists.</summary>
    public void Delete(ReadOnlySpan<byte> name)
    {
        var path = stackalloc byte[MaxName + 1];
        if (Terminate(name, path, 0))
            _ = LibC.unlinkat(Descriptor, path, 0);
    }

    /// <summary>Deletes all files, but not directories.</summary>
    /// <param name="names">The names that stay, a character for each byte (Latin-1): a name need not be valid UTF-8.</param>
    public void DeleteAllBut(IReadOnlySet<string> names)
    {
        foreach (var name in Names())
        {
            if (!names.Contains(Encoding.Latin1.GetString(name)))
                Delete(name);
        }
    }

    private List<byte[]> Names()
    {
        var found = new List<byte[]>();
        var buffer = new byte[16 * 1024];
        fixed (byte* start = buffer, self = ".\0"u8)
        {
            var directory = LibC.openat(Descriptor, self, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
            if (directory < 0)
                throw new SystemCallException("open", _path, LibC.errno);
            while (LinuxApi.getdents64(directory, start, buffer.Length) is var end and > 0)
            {
                for (var at = 0; at < end; at += ((LinuxApi.linux_dirent64*)(start + at))->d_reclen)
                {
                    var name = buffer.AsSpan(at + LinuxApi.DirentNameOffset);
                    name = name[..name.IndexOf((byte)0)];
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                        found.Add(name.ToArray());
                }
            }
            _ = LibC.close(directory);
        }
        return found;
    }

    private static int Write(int file, ReadOnlySpan<byte> content)
    {
        fixed (byte* first = content)
        {
            for (var done = 0; done < content.Length;)
            {
                var count = (int)LibC.write(file, first + done, content.Length - done);
                if (count < 0 && LibC.errno != LibC.EINTR)
                    return LibC.errno;
                done += Math.Max(0, count);
            }
        }
        return 0;
    }

    private static bool Terminate(ReadOnlySpan<byte> name, byte* to, int at)
    {
        if (name.Length + at > MaxName || name.IndexOfAny((byte)'/', (byte)0) >= 0 || name.IsEmpty)
            return false;
        name.CopyTo(new Span<byte>(to + at, name.Length));
        to[at + name.Length] = 0;
        return true;
    }

    private string PathOf(ReadOnlySpan<byte> name) => Path.Combine(_path, Encoding.UTF8.GetString(name));
}
