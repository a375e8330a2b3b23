namespace UeventManager.Sysfs;

/// <summary>Whether a sysfs and this process belong to the same network namespace.</summary>
internal enum NamespaceVerdict
{
    /// <summary>It cannot be told, or the tree is not a sysfs and is accepted as it is.</summary>
    Unknown,

    /// <summary>They do.</summary>
    Same,

    /// <summary>They do not: events of network devices would never find their devices.</summary>
    Different,
}
