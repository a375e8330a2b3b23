using System.Globalization;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>Who may change something: root and the daemon's own user.</summary>
internal static class ControlAccess
{
    private static readonly uint Own = LibC.getuid();

    // A uid without a mapping is shown as the overflow uid, to everybody the same: it tells nobody apart.
    private static readonly bool OwnIsSomebody = IsMapped(Own, UidMap());

    /// <summary>Whether a client may.</summary>
    public static bool IsGranted(PeerCredentials peer) => peer.Uid == 0 || (OwnIsSomebody && peer.Uid == Own);

    /// <summary>Whether a uid means one user in this user namespace.</summary>
    /// <param name="uid">The uid.</param>
    /// <param name="uidMap">The text of <c>/proc/self/uid_map</c>: lines of inside, outside and count.</param>
    public static bool IsMapped(uint uid, string uidMap)
    {
        foreach (var line in uidMap.Split('\n'))
        {
            var fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 3
                && uint.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var inside)
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && uid >= inside && uid - inside < count)
            {
                return true;
            }
        }
        return false;
    }

    private static string UidMap()
    {
        try
        {
            return File.ReadAllText("/proc/self/uid_map");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No procfs, or a kernel without user namespaces: then every uid is somebody's.
            return $"0 0 {uint.MaxValue}";
        }
    }
}
