using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>Tells whether a file is regular, so that it can be read to its end and replaced: not a directory, device, pipe or socket.</summary>
internal static unsafe class FileKinds
{
    /// <summary>Checks an open file.</summary>
    public static bool IsRegular(SafeFileHandle file) => IsRegular((int)file.DangerousGetHandle(), "", LibC.AT_EMPTY_PATH);

    /// <summary>Checks the file at a path, behind symbolic links, without opening it.</summary>
    public static bool IsRegular(string path) => IsRegular(LibC.AT_FDCWD, path, 0);

    private static bool IsRegular(int directory, string path, int flags)
    {
        var data = default(statx);
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            return LibC.statx(directory, name, flags, LibC.STATX_TYPE, &data) == 0 && (data.stx_mode & LibC.S_IFMT) == LibC.S_IFREG;
    }
}
