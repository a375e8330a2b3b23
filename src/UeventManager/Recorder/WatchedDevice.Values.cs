using System.Text;
using Tmds.Linux;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

// What is read of it.
internal sealed partial class WatchedDevice
{
    /// <summary>
    /// Whether a file is an attribute whose value may be read. Other files of sysfs are a device's data: to read them reads its registers (a BAR, ports,
    /// configuration space beyond the header), waits for it (VPD: up to 125 ms for every four bytes) or needs its lock, and can stop it. An attribute has
    /// the size of a page, and data has that of the device or none; of a PCI function the configuration space may have it too.
    /// </summary>
    /// <param name="name">The file; the device is open.</param>
    public bool MayRead(string name) =>
        !(Subsystem == "pci" && (name is "config" or "vpd" or "rom" || IsResource(name)))
        && FileCalls.Stat(_directory!.Descriptor, Encoding.UTF8.GetBytes(name + "\0"), LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_MODE | LibC.STATX_SIZE, out var found) == 0
        && (found.stx_mode & 0b100_100_100) != 0 && (!tree.IsSysfs || found.stx_size == (ulong)Environment.SystemPageSize);

    // resource0 or resource0_wc is the memory itself, resource says where it is.
    private static bool IsResource(string name) => name.StartsWith("resource", StringComparison.Ordinal) && name.Length > "resource".Length && char.IsAsciiDigit(name["resource".Length]);
}
