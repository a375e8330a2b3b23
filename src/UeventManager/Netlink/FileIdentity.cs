using System.Text;
using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// The identity of a file, by file system and inode: a later file at the same path has another one while something holds the first.
/// </summary>
/// <param name="Device">The device number of the file system.</param>
/// <param name="Inode">The inode.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>The identity of the file at a path; for a symbolic link, of the link itself.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The identity; null if nothing is there, or it cannot be read.</returns>
    public static FileIdentity? At(string path) => Find(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW);

    /// <summary>The same, but follows symbolic links, including those of <c>/proc/PID/ns</c>.</summary>
    public static FileIdentity? Follow(string path) => Find(LibC.AT_FDCWD, path, 0);

    /// <summary>The identity of an open descriptor's file.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>The identity; null if it is not open.</returns>
    public static FileIdentity? Of(int descriptor) => Find(descriptor, "", LibC.AT_EMPTY_PATH);

    /// <summary>Parses <c>JOURNAL_STREAM</c> (sd_journal_print(3)): st_dev and st_ino of a stream to the journal, decimal.</summary>
    /// <param name="text">The text, as <c>8:12345</c>.</param>
    /// <returns>The identity, or null.</returns>
    public static FileIdentity? Parse(string? text)
    {
        if (text?.Split(':') is not [var device, var inode] || !ulong.TryParse(device, out var dev) || !ulong.TryParse(inode, out var ino))
            return null;
        // makedev(3) as glibc packs it.
        var major = ((dev >> 8) & 0xFFF) | ((dev >> 32) & 0xFFFFF000);
        var minor = (dev & 0xFF) | ((dev >> 12) & 0xFFFFFF00);
        return new FileIdentity((major << 32) | minor, ino);
    }

    private static unsafe FileIdentity? Find(int directory, string path, int flags)
    {
        statx data;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            return LibC.statx(directory, name, flags, LibC.STATX_INO, &data) == 0
                ? new FileIdentity(((ulong)data.stx_dev_major << 32) | data.stx_dev_minor, data.stx_ino)
                : null;
        }
    }
}
