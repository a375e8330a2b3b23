using System.Text;
using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// A directory, held open, in which nobody but this user and root can move, replace or remove what we make: it belongs to one of
/// them, and others may not write to it, or it is sticky. What is made in it is named relative to the open directory, so no other part
/// of its path is gone through a second time.
/// </summary>
internal sealed unsafe class TrustedDirectory : DescriptorHandle
{
    private const int OthersWrite = 0x12; // -w- of the group and of others
    private const int Sticky = 0x200;
    private readonly string _path;

    private TrustedDirectory(int descriptor, string path)
        : base(descriptor) => _path = path;

    /// <summary>Opens one.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="refusal">Why it is not to be trusted, with what to do; null if it is.</param>
    /// <returns>Null if it is not to be trusted.</returns>
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

    /// <summary>The path by which system calls that take no directory find a file in it, without going through its own path again.</summary>
    public string PathOf(string name) => Directory.Exists("/proc/self/fd") ? $"/proc/self/fd/{Descriptor}/{name}" : Path.Combine(_path, name);

    /// <summary>What a name stands for: its type and mode; null if there is none. A link is not followed.</summary>
    /// <exception cref="SystemCallException">That cannot be known.</exception>
    public mode_t? ModeOf(string name) => Look(name) is { } found ? found.stx_mode : null;

    /// <summary>Removes a name, if there is one.</summary>
    /// <exception cref="SystemCallException">It cannot be removed.</exception>
    public void Remove(string name)
    {
        fixed (byte* text = Text(name))
        {
            if (LibC.unlinkat(Descriptor, text, 0) != 0 && LibC.errno != LibC.ENOENT)
                throw new SystemCallException("unlink", Path.Combine(_path, name), LibC.errno);
        }
    }

    /// <summary>Gives a file another name, replacing what had it.</summary>
    /// <exception cref="SystemCallException">It cannot have it.</exception>
    public void Rename(string from, string to)
    {
        fixed (byte* old = Text(from), now = Text(to))
        {
            if (LinuxApi.renameat(Descriptor, old, Descriptor, now) != 0)
                throw new SystemCallException("rename", Path.Combine(_path, to), LibC.errno);
        }
    }

    /// <summary>Gives a file of ours to a group. A link is not followed.</summary>
    /// <returns>0, or the error number.</returns>
    public int ChangeGroup(string name, uint group)
    {
        fixed (byte* text = Text(name))
            return LibC.fchownat(Descriptor, text, uint.MaxValue, group, LibC.AT_SYMLINK_NOFOLLOW) == 0 ? 0 : LibC.errno;
    }

    /// <summary>Why a directory is not to be trusted, with what to do; null if it is.</summary>
    /// <param name="owner">Its owner.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="self">The uid that asks.</param>
    /// <param name="isMapped">False if the owner is nobody's in this user namespace: then it is a user of the machine outside.</param>
    /// <param name="path">Its path.</param>
    internal static string? Refusal(uint owner, int mode, uint self, bool isMapped, string path)
    {
        // Of a user outside of the namespace nothing is known; what only that user may change is as safe as its machine.
        if (owner != 0 && owner != self && isMapped)
            return $"its directory {path} belongs to uid {owner}, which could put something else there (run it as that user, as /usr/lib/uevent-manager/run does, or name another place with --socket)";
        return (mode & OthersWrite) != 0 && (mode & Sticky) == 0
            ? $"others may write to its directory {path} and put something else there (chmod go-w {path}, or name another one)"
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
