using System.Text;
using Tmds.Linux;

namespace UeventManager;

/// <summary>What tells a file from any other that stands at the same path later, while something holds it: its file system and its inode.</summary>
/// <param name="Device">The device number of the file system.</param>
/// <param name="Inode">The inode.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>Of what stands at a path now; of a symbolic link, the link's own.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The identity; null if nothing is there, or it cannot be looked at.</returns>
    public static unsafe FileIdentity? At(string path)
    {
        statx data;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            return LibC.statx(LibC.AT_FDCWD, name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_INO, &data) == 0
                ? new FileIdentity(((ulong)data.stx_dev_major << 32) | data.stx_dev_minor, data.stx_ino)
                : null;
        }
    }
}
