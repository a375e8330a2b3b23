namespace UeventManager.Sysfs;

/// <summary>A device's identity, for questions that need more than its path. Values are the kernel's.</summary>
/// <param name="DevPath">Its path below the sysfs root, with a leading slash.</param>
/// <param name="Subsystem">Its subsystem.</param>
/// <param name="DevName">DEVNAME, or null.</param>
/// <param name="Major">MAJOR, or null.</param>
/// <param name="Minor">MINOR, or null.</param>
/// <param name="IfIndex">IFINDEX, or null.</param>
internal readonly record struct DeviceIdentity(
    string DevPath,
    string Subsystem,
    string? DevName = null,
    string? Major = null,
    string? Minor = null,
    string? IfIndex = null)
{
    /// <summary>Last component of the path.</summary>
    public string SysName => DevPath[(DevPath.LastIndexOf('/') + 1)..];

    /// <summary>True for block devices; every other node is a character device.</summary>
    public bool IsBlock => Subsystem == "block";
}
