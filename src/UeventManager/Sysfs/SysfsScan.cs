namespace UeventManager.Sysfs;

/// <summary>
/// Finds all devices: the directories below <c>devices</c> with a <c>uevent</c> file and a <c>subsystem</c> link, parents before children, in the
/// order of their names. Symlinks are not followed. Devices that vanish meanwhile are left out. Run it on a thread that may block: in Linux 6.10 and
/// 6.11 uevent_show() took the device lock.
/// </summary>
internal static class SysfsScan
{
    /// <summary>The number of devices in one batch.</summary>
    public const int BatchSize = 512;

    /// <summary>Scans a tree.</summary>
    /// <param name="tree">The tree; without <c>devices</c> it has no devices.</param>
    /// <param name="batch">Receives the devices, in order; it may keep each list.</param>
    /// <param name="cancel">Ends the scan early.</param>
    /// <returns>The directories that could not be read.</returns>
    /// <exception cref="OperationCanceledException">The scan was cancelled.</exception>
    /// <exception cref="SystemCallException">The tree cannot be read.</exception>
    public static ScanHoles Run(SysfsTree tree, Action<IReadOnlyList<ScannedDevice>> batch, CancellationToken cancel)
    {
        var output = new ScanOutput(tree, batch, cancel);
        if (tree.IsSysfs)
            SubsystemScan.Run(tree, output);
        else
            DirectoryScan.Run(tree, output);
        output.Flush();
        return output.Holes;
    }
}
