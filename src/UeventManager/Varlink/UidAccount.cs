namespace UeventManager.Varlink;

/// <summary>What the connections of one user hold.</summary>
/// <param name="uid">The user.</param>
/// <param name="isPrivileged">True if it is one of those for whom places are kept.</param>
internal sealed class UidAccount(uint uid, bool isPrivileged)
{
    /// <summary>The user.</summary>
    public uint Uid { get; } = uid;

    /// <summary>True if it is one of those for whom places are kept.</summary>
    public bool IsPrivileged { get; } = isPrivileged;

    /// <summary>Its connections.</summary>
    public HashSet<VarlinkConnection> Connections { get; } = [];

    /// <summary>Bytes that they hold.</summary>
    public long Bytes { get; set; }
}
