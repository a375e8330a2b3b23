using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// A hint for a subsystem that this machine does not have: usually a slip of the pen, which otherwise looks like a machine on which nothing
/// happens. It is not a mistake in itself, as a driver may bring the subsystem later.
/// </summary>
internal static class SubsystemHint
{
    /// <summary>What is to be said of patterns of subsystems, or null.</summary>
    /// <param name="patterns">The patterns, or null.</param>
    /// <param name="sysfs">Where sysfs is.</param>
    public static string? Of(IEnumerable<string>? patterns, string sysfs)
    {
        string[] known = [.. DeviceCompletion.Subsystems(sysfs)];
        if (known.Length == 0)
            return null;
        foreach (string pattern in patterns ?? [])
        {
            if (Glob.TryParse(pattern, out Glob glob, out _) && !Array.Exists(known, glob.Matches))
                return $"no device in {sysfs} is of a subsystem '{pattern}' ({(Nearest.To(pattern, known) is { } near ? $"did you mean '{near}'?" : "a driver may bring one later")})";
        }
        return null;
    }

    /// <summary>What is to be said where a filter has found nothing.</summary>
    public static string Nothing(IEnumerable<string>? patterns, string sysfs) => Of(patterns, sysfs) ?? "no device fits (ueventctl list shows what there is)";
}
