using System.Globalization;

namespace UeventManager;

/// <summary>Tells which uids identify one user in this process's user namespace. All unmapped users appear as the same overflow uid.</summary>
internal static class UidMap
{
    private const uint UsualOverflow = 65534; // DEFAULT_OVERFLOWUID of linux/highuid.h
    private static readonly string s_map = Read("/proc/self/uid_map") ?? $"0 0 {uint.MaxValue}"; // No procfs, or no user namespaces: every uid is mapped.

    /// <summary>The uid that represents all unmapped users (<c>/proc/sys/kernel/overflowuid</c>).</summary>
    public static uint Overflow { get; } =
        uint.TryParse(Read("/proc/sys/kernel/overflowuid")?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out uint overflow) ? overflow : UsualOverflow;

    /// <summary>The uid of this process.</summary>
    public static uint Own { get; } = Tmds.Linux.LibC.getuid();

    /// <summary>Whether a uid identifies one user here.</summary>
    public static bool IsMapped(uint uid) => IsMapped(uid, s_map);

    /// <summary>Whether a uid identifies one user in a user namespace.</summary>
    /// <param name="uid">The uid.</param>
    /// <param name="uidMap">The text of <c>/proc/self/uid_map</c>: lines of inside, outside and count.</param>
    public static bool IsMapped(uint uid, string uidMap)
    {
        ArgumentNullException.ThrowIfNull(uidMap);
        return Ranges(uidMap).Any(one => uid >= one.Inside && uid - one.Inside < one.Count);
    }

    /// <summary>The reader's view of a uid within another user namespace; null if it is not mapped.</summary>
    /// <param name="inside">The uid in that namespace.</param>
    /// <param name="uidMap">The text of <c>/proc/PID/uid_map</c> of a process in that namespace.</param>
    public static uint? OutsideOf(uint inside, string uidMap)
    {
        foreach (var one in Ranges(uidMap))
        {
            if (inside >= one.Inside && inside - one.Inside < one.Count)
                return one.Outside + (inside - one.Inside);
        }
        return null;
    }

    /// <summary>The uid within a user namespace for a uid as the reader sees it; null if it is not mapped.</summary>
    /// <param name="outside">The uid outside.</param>
    /// <param name="uidMap">The text of <c>uid_map</c>.</param>
    public static uint? InsideOf(uint outside, string uidMap)
    {
        foreach (var one in Ranges(uidMap))
        {
            if (outside >= one.Outside && outside - one.Outside < one.Count)
                return one.Inside + (outside - one.Outside);
        }
        return null;
    }

    private static IEnumerable<(uint Inside, uint Outside, uint Count)> Ranges(string uidMap)
    {
        foreach (var line in uidMap.Split('\n'))
        {
            if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var first, var second, var third]
                && TryNumber(first, out var inside) && TryNumber(second, out var outside) && TryNumber(third, out var count))
            {
                yield return (inside, outside, count);
            }
        }
    }

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

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
