using Tmds.Linux;

namespace UeventManager.Daemon.Services;

/// <summary>
/// Who may change something: root and the daemon's own user. The overflow uid is neither, also where a daemon runs under it and it is
/// used here: it stands for every uid that has no mapping in this user namespace, and so identifies no one.
/// </summary>
internal static class ControlAccess
{
    private static readonly uint Own = LibC.getuid();

    /// <summary>Whether a client may.</summary>
    public static bool IsGranted(PeerCredentials peer) => IsGranted(peer.Uid, Own, UidMap.Overflow);

    /// <summary>Whether a client is root, who may read everything anyway.</summary>
    public static bool IsRoot(PeerCredentials peer) => peer.Uid == 0 && peer.Uid != UidMap.Overflow;

    /// <summary>The same for a daemon of another user.</summary>
    /// <param name="uid">The client.</param>
    /// <param name="own">The daemon's user.</param>
    /// <param name="overflow">The uid of those that have no mapping.</param>
    public static bool IsGranted(uint uid, uint own, uint overflow) => uid != overflow && (uid == 0 || uid == own);
}
