using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// A hint about a subsystem that this machine does not have: usually a typing error, which otherwise looks like a machine without events. It is not
/// an error in itself, because a driver may add the subsystem later.
/// </summary>
internal static class SubsystemHint
{
    /// <summary>The hint about patterns of subsystems, or null.</summary>
    /// <param name="patterns">The patterns, or null.</param>
    /// <param name="sysfs">The root of sysfs.</param>
    public static string? Of(IEnumerable<string>? patterns, string sysfs)
    {
        string[] known = [.. DeviceCompletion.Subsystems(sysfs)];
        if (known.Length == 0)
            return null;
        foreach (string pattern in patterns ?? [])
        {
            if (Glob.TryParse(pattern, out Glob glob, out _) && !Array.Exists(known, glob.Matches))
                return $"no device in {sysfs} has the subsystem '{pattern}' ({(Nearest.To(pattern, known) is { } near ? $"did you mean '{near}'?" : "a driver may add it later")})";
        }
        return null;
    }

    /// <summary>The message if a filter has found nothing.</summary>
    public static string Nothing(IEnumerable<string>? patterns, string sysfs) => Of(patterns, sysfs) ?? "no device matches (ueventctl list shows all devices)";
}
