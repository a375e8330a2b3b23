using System.Globalization;

namespace UeventManager;

/// <summary>Which uids mean one user in this process's user namespace. One that does not is shown as the overflow uid, to everybody the same.</summary>
internal static class UidMap
{
    private const uint UsualOverflow = 65534; // DEFAULT_OVERFLOWUID of linux/highuid.h
    private static readonly string s_map = Read("/proc/self/uid_map") ?? $"0 0 {uint.MaxValue}"; // No procfs, or no user namespaces: every uid is somebody's.

    /// <summary>The uid that stands for all that have no mapping (<c>/proc/sys/kernel/overflowuid</c>).</summary>
    public static uint Overflow { get; } =
        uint.TryParse(Read("/proc/sys/kernel/overflowuid")?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out uint overflow) ? overflow : UsualOverflow;

    /// <summary>The uid of this process.</summary>
    public static uint Own { get; } = Tmds.Linux.LibC.getuid();

    /// <summary>Whether a uid means one user here.</summary>
    public static bool IsMapped(uint uid) => IsMapped(uid, s_map);

    /// <summary>Whether a uid means one user in a user namespace.</summary>
    /// <param name="uid">The uid.</param>
    /// <param name="uidMap">The text of <c>/proc/self/uid_map</c>: lines of inside, outside and count.</param>
    public static bool IsMapped(uint uid, string uidMap)
    {
        ArgumentNullException.ThrowIfNull(uidMap);
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

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
