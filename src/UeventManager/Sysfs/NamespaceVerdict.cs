namespace UeventManager.Sysfs;

/// <summary>Whether a sysfs and this process are of the same network namespace.</summary>
internal enum NamespaceVerdict
{
    /// <summary>It cannot be told, or the tree is not a sysfs and is taken as it is.</summary>
    Unknown,

    /// <summary>They are.</summary>
    Same,

    /// <summary>They are not: network devices' events would never find their devices.</summary>
    Different,
}
