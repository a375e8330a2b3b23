namespace UeventManager.Varlink;

/// <summary>The connections and bytes of one user.</summary>
/// <param name="uid">The user.</param>
/// <param name="isPrivileged">True if connections are reserved for the user.</param>
internal sealed class UidAccount(uint uid, bool isPrivileged)
{
    /// <summary>The user.</summary>
    public uint Uid { get; } = uid;

    /// <summary>True if connections are reserved for the user.</summary>
    public bool IsPrivileged { get; } = isPrivileged;

    /// <summary>The user's connections.</summary>
    public HashSet<VarlinkConnection> Connections { get; } = [];

    /// <summary>The bytes that these connections hold.</summary>
    public long Bytes { get; set; }
}
