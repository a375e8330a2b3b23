using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>What an open file is.</summary>
internal static unsafe class FileKinds
{
    /// <summary>True if it is a regular file; not a device, a pipe or a socket.</summary>
    public static bool IsRegular(SafeFileHandle file)
    {
        var data = default(statx);
        byte empty = 0;
        return LibC.statx((int)file.DangerousGetHandle(), &empty, LibC.AT_EMPTY_PATH, LibC.STATX_TYPE, &data) == 0 && (data.stx_mode & LibC.S_IFMT) == LibC.S_IFREG;
    }
}
