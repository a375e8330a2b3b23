using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Client;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>The options that select events: as <c>udevadm monitor</c> has them, and more. All values are globs.</summary>
internal sealed class EventSelection
{
    private readonly Option<string[]> _subsystems = Globs("--subsystem-match", "SUBSYSTEM[/DEVTYPE]", "Only of this subsystem", "-s");
    private readonly Option<string[]> _actions = Globs("--action", "ACTION", "Only this action: add, remove, change, …", "-a");
    private readonly Option<string[]> _devpaths = Globs("--devpath", "GLOB", "Only below sysfs here: /devices/pci**");
    private readonly Option<string[]> _properties = Globs("--property-match", "KEY=GLOB", "Only with this property; all must match");

    /// <summary>Makes the options.</summary>
    public EventSelection() =>
        _properties.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.IndexOf('=', StringComparison.Ordinal) <= 0)
                    result.AddError($"'{token.Value}' is not KEY=GLOB");
            }
        });

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_subsystems, _actions, _devpaths, _properties])
            command.Add(option);
    }

    /// <summary>Reads what they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <returns>What the daemon can select, null if all; and what is left to be selected here.</returns>
    public (DeviceFilter? Filter, Func<string, string?, bool> MatchesPair) Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        (string Subsystem, string? Devtype)[] pairs = [.. (parsed.GetValue(_subsystems) ?? []).Select(SplitPair)];
        var filter = new DeviceFilter
        {
            Subsystems = NullIfEmpty(pairs.Select(static p => p.Subsystem)),
            Devtypes = Array.TrueForAll(pairs, static p => p.Devtype is not null) ? NullIfEmpty(pairs.Select(static p => p.Devtype!)) : null,
            Devpaths = NullIfEmpty(parsed.GetValue(_devpaths) ?? []),
            Actions = NullIfEmpty(parsed.GetValue(_actions) ?? []),
            Properties = PropertiesOf(parsed),
        };
        return (filter == new DeviceFilter() ? null : filter, PairMatch(pairs));
    }

    private static Option<string[]> Globs(string name, string value, string description, params string[] aliases)
    {
        var option = new Option<string[]>(name, aliases) { HelpName = value, Description = description + "; may be repeated" };
        option.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (!Glob.TryParse(token.Value, out _, out string? error))
                    result.AddError($"'{token.Value}' is no pattern: {error}");
            }
        });
        return option;
    }

    private static (string Subsystem, string? Devtype) SplitPair(string value)
    {
        int slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (value, null) : (value[..slash], value[(slash + 1)..]);
    }

    // A filter's lists of subsystems and devtypes are independent of each other; of several pairs only those that were given count.
    private static Func<string, string?, bool> PairMatch((string Subsystem, string? Devtype)[] pairs)
    {
        if (pairs.Length < 2 || Array.TrueForAll(pairs, static p => p.Devtype is null))
            return static (_, _) => true;
        (Glob Subsystem, Glob? Devtype)[] globs =
            [.. pairs.Select(static p => (Glob.Parse(p.Subsystem), p.Devtype is null ? null : Glob.Parse(p.Devtype)))];
        return (subsystem, devtype) => Array.Exists(globs, g => g.Subsystem.Matches(subsystem) && (g.Devtype?.Matches(devtype) ?? true));
    }

    private Dictionary<string, string>? PropertiesOf(ParseResult parsed)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in parsed.GetValue(_properties) ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            result[pair[..equals]] = pair[(equals + 1)..];
        }
        return result.Count == 0 ? null : result;
    }

    private static List<string>? NullIfEmpty(IEnumerable<string> values)
    {
        var list = values.Distinct().ToList();
        return list.Count == 0 ? null : list;
    }
}
