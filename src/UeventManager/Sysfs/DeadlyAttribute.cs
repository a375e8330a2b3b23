namespace UeventManager.Sysfs;

/// <summary>
/// The attribute that must never be read. waiting_for_supplier_show() takes the device lock; device_links_driver_bound() removes the attribute while
/// the driver core holds that lock, and waits for its readers. A read during a driver's probe therefore blocks the reader and the driver core for
/// ever, for PCI with the lock of all hot-plug. Seen on Linux 6.12, when an NVMe function was found again.
/// </summary>
internal static class DeadlyAttribute
{
    private const string Name = "waiting_for_supplier";

    /// <summary>Whether a path names it.</summary>
    public static bool Is(ReadOnlySpan<char> path) => PathText.Last(path).SequenceEqual(Name);
}
