using System.Text;
using Tmds.Linux;

namespace UeventManager.Handover;

/// <summary>What is at a path, without opening it.</summary>
internal static unsafe class FileKind
{
    /// <summary>True for a regular file, also behind symbolic links: it can be read to an end, and replaced.</summary>
    public static bool IsRegular(string path)
    {
        statx data;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            return LibC.statx(LibC.AT_FDCWD, name, 0, LibC.STATX_TYPE, &data) == 0 && (data.stx_mode & LibC.S_IFMT) == LibC.S_IFREG;
    }
}
