using System.Text;
using Tmds.Linux;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

// The attributes that may be read.
internal sealed partial class WatchedDevice
{
    /// <summary>
    /// Whether a file is an attribute that may be read. Other files of sysfs are a device's data: reading them reads its registers (a BAR, ports,
    /// configuration space beyond the header), waits for it (VPD: up to 125 ms for four bytes) or needs its lock, and can hang the device. An
    /// attribute has the size of a page, a data file that of the data or none; a PCI function's configuration space may have the size of a page too.
    /// </summary>
    /// <param name="name">The file; the device is open.</param>
    public bool MayRead(string name) =>
        !DeadlyAttribute.Is(name)
        && !(Subsystem == "pci" && (name is "config" or "vpd" or "rom" || IsResource(name)))
        && FileCalls.Stat(_directory!.Descriptor, Encoding.UTF8.GetBytes(name + "\0"), LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_MODE | LibC.STATX_SIZE, out var found) == 0
        && (found.stx_mode & 0b100_100_100) != 0 && (!tree.IsSysfs || found.stx_size == (ulong)Environment.SystemPageSize);

    // resource0 and resource0_wc are the memory itself; resource is a text with its addresses.
    private static bool IsResource(string name) => name.StartsWith("resource", StringComparison.Ordinal) && name.Length > "resource".Length && char.IsAsciiDigit(name["resource".Length]);
}
