using Tmds.Linux;

namespace UeventManager.Daemon.Services;

/// <summary>
/// Decides which clients may change something: root and the daemon's own user. The overflow uid never may, even if the daemon runs under it: it
/// represents every uid without a mapping in this user namespace, so it identifies no user.
/// </summary>
internal static class ControlAccess
{
    private static readonly uint Own = LibC.getuid();

    /// <summary>Whether a client may change something.</summary>
    public static bool IsGranted(PeerCredentials peer) => IsGranted(peer.Uid, Own, UidMap.Overflow);

    /// <summary>Whether a client is root, who may read everything anyway.</summary>
    public static bool IsRoot(PeerCredentials peer) => peer.Uid == 0 && peer.Uid != UidMap.Overflow;

    /// <summary>The same for given uids.</summary>
    /// <param name="uid">The client's uid.</param>
    /// <param name="own">The daemon's uid.</param>
    /// <param name="overflow">The uid of users without a mapping.</param>
    public static bool IsGranted(uint uid, uint own, uint overflow) => uid != overflow && (uid == 0 || uid == own);
}
