using UeventManager.Client;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Acting;

/// <summary>The environment variables of a program.</summary>
internal static class ActionEnvironment
{
    private const string Prefix = Configuration.Prefix;

    // Variables that decide what is executed must not come from a device.
    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal) { "PATH", "HOME", "SHELL", "USER", "LOGNAME", "PWD", "IFS", "ENV", "BASH_ENV", "TZ" };
    private static readonly string[] KeptPrefixes = ["LD_", "LC_", "GCONV_", "DOTNET_", "PYTHON", "PERL", "BASH_FUNC_", Prefix];

    /// <summary>The variables of a run.</summary>
    /// <param name="request">The run.</param>
    /// <param name="attempt">The attempt, from 1.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(ActionRequest request, int attempt)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.Event is { } one)
            AddEvent(result, one);
        void Own(string name, string? value)
        {
            if (value is not null)
                result[Prefix + name] = value;
        }
        result["ACTION"] = request.Action;
        Own("CURSOR", request.Cursor);
        Own("ATTEMPT", Text(attempt));
        Own("GAP", request.Gap?.Reason);
        Own("LOST", request.Gap?.Lost is { } lost ? Text(lost) : null);
        Own("INITIAL", request.IsInitial ? "1" : null);
        Own("SYNTHETIC", request.Event?.Synthetic == true ? "1" : null);
        Own("SETTLED", request.Event?.Device.Settled switch { true => "1", false => "0", _ => null });
        Own("MISSING", request.Event?.Device.Missing is { Count: > 0 } missing ? string.Join(", ", missing) : null);
        Own("RULE", request.Event?.Device.Rule);
        Own("GROUP", request.Event?.Group?.Id);
        Own("GROUP_SIZE", request.Event?.Group is { } group ? Text(group.Size) : null);
        Own("GROUP_PARTIAL", request.Event?.Group?.Partial switch { true => "1", false => "0", _ => null });
        return result.Where(static pair => !pair.Value.Contains('\0', StringComparison.Ordinal));
    }

    private static void AddEvent(Dictionary<string, string> to, UeventEvent one)
    {
        foreach ((string key, string value) in one.Device.Properties)
        {
            if (IsName(key) && !Kept.Contains(key) && !KeptPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
                to[key] = value;
        }
        foreach ((string name, string? value) in new[]
        {
            ("DEVPATH", one.Device.DevPath), ("SUBSYSTEM", one.Device.Subsystem), ("SYSNAME", one.Device.SysName), ("DEVTYPE", one.Device.DevType),
            ("DEVNAME", one.Device.DevNode), ("DRIVER", one.Device.Driver), ("DEVPATH_OLD", one.OldDevPath), ("SEQNUM", one.Seqnum is { } number ? Text(number) : null),
        })
        {
            if (value is not null)
                to[name] = value;
        }
    }

    private static bool IsName(string key) =>
        key.Length > 0 && !char.IsAsciiDigit(key[0]) && key.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
