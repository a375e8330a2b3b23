using System.Text;
using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// An open directory in which only this user and root can move, replace or remove our files: it belongs to one of them, and others may not write to
/// it, or it is sticky. Files are named relative to the open directory, so its path is never resolved a second time.
/// </summary>
internal sealed unsafe class TrustedDirectory : DescriptorHandle
{
    private const int OthersWrite = 0x12; // -w- of the group and of others
    private const int Sticky = 0x200;
    private readonly string _path;

    private TrustedDirectory(int descriptor, string path)
        : base(descriptor) => _path = path;

    /// <summary>Opens a directory.</summary>
    /// <param name="path">The path.</param>
    /// <param name="refusal">Why it cannot be trusted, with the solution; null if it can.</param>
    /// <returns>Null if it cannot be trusted.</returns>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static TrustedDirectory? Open(string path, out string? refusal)
    {
        int descriptor;
        fixed (byte* name = Text(path))
            descriptor = LibC.open(name, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (descriptor < 0)
            throw new SystemCallException("open", path, LibC.errno);
        var directory = new TrustedDirectory(descriptor, path);
        refusal = Refusal(directory.Look("")!.Value, path);
        if (refusal is null)
            return directory;
        directory.Dispose();
        return null;
    }

    /// <summary>A file's path for system calls that take no directory; it does not resolve the directory's own path again.</summary>
    public string PathOf(string name) => Directory.Exists("/proc/self/fd") ? $"/proc/self/fd/{Descriptor}/{name}" : Path.Combine(_path, name);

    /// <summary>The type and mode of a name; null if it does not exist. A link is not followed.</summary>
    /// <exception cref="SystemCallException">They cannot be read.</exception>
    public mode_t? ModeOf(string name) => Look(name) is { } found ? found.stx_mode : null;

    /// <summary>Removes a name if it exists.</summary>
    /// <exception cref="SystemCallException">It cannot be removed.</exception>
    public void Remove(string name)
    {
        fixed (byte* text = Text(name))
        {
            if (LibC.unlinkat(Descriptor, text, 0) != 0 && LibC.errno != LibC.ENOENT)
                throw new SystemCallException("unlink", Path.Combine(_path, name), LibC.errno);
        }
    }

    /// <summary>Renames a file, replacing another one.</summary>
    /// <exception cref="SystemCallException">It cannot be renamed.</exception>
    public void Rename(string from, string to)
    {
        fixed (byte* old = Text(from), now = Text(to))
        {
            if (LinuxApi.renameat(Descriptor, old, Descriptor, now) != 0)
                throw new SystemCallException("rename", Path.Combine(_path, to), LibC.errno);
        }
    }

    /// <summary>Changes the group of our file. A link is not followed.</summary>
    /// <returns>0, or the error number.</returns>
    public int ChangeGroup(string name, uint group)
    {
        fixed (byte* text = Text(name))
            return LibC.fchownat(Descriptor, text, uint.MaxValue, group, LibC.AT_SYMLINK_NOFOLLOW) == 0 ? 0 : LibC.errno;
    }

    /// <summary>Why a directory cannot be trusted, with the solution; null if it can.</summary>
    /// <param name="owner">The directory's owner.</param>
    /// <param name="mode">The directory's mode.</param>
    /// <param name="self">The uid of this process.</param>
    /// <param name="isMapped">False if the owner has no mapping in this user namespace, so is a user of the machine outside.</param>
    /// <param name="path">The directory's path.</param>
    internal static string? Refusal(uint owner, int mode, uint self, bool isMapped, string path)
    {
        // Nothing is known about a user outside of the namespace; a directory that only such a user can change is as safe as the machine.
        if (owner != 0 && owner != self && isMapped)
            return $"its directory {path} belongs to uid {owner}, which could put something else there (run it as that user, as /usr/lib/uevent-manager/run does, or name another place with --socket)";
        return (mode & OthersWrite) != 0 && (mode & Sticky) == 0
            ? $"other users may write to its directory {path} and put something else there (chmod go-w {path}, or name another one)"
            : null;
    }

    private static string? Refusal(in statx found, string path) =>
        Refusal(found.stx_uid, found.stx_mode, LibC.geteuid(), UidMap.IsMapped(found.stx_uid), path);

    private statx? Look(string name)
    {
        statx found;
        var wanted = LibC.STATX_TYPE | LibC.STATX_MODE | LibC.STATX_UID;
        fixed (byte* text = Text(name))
        {
            if (LibC.statx(Descriptor, text, LibC.AT_SYMLINK_NOFOLLOW | LibC.AT_EMPTY_PATH, wanted, &found) == 0)
                return found;
        }
        return LibC.errno == LibC.ENOENT ? null : throw new SystemCallException("stat", Path.Combine(_path, name), LibC.errno);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
