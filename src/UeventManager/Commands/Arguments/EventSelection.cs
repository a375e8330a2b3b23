using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Client;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Commands.Arguments;

/// <summary>The options that select events: as <c>udevadm monitor</c> has them, and more. All values are globs.</summary>
internal sealed class EventSelection
{
    private readonly SubsystemSelection _subsystems = new("--subsystem-match", "--subsystem");
    private readonly Option<string[]> _actions = Patterns.Option("--action", "ACTION", "Only this action: add, remove, change, …", "-a");
    private readonly Option<string[]> _devpaths = Patterns.Option("--devpath", "GLOB", "Only below sysfs here: /devices/pci**");
    private readonly Option<string[]> _properties = Patterns.Option("--property-match", "KEY=GLOB", "Only events that carry this; all must match");

    /// <summary>Makes the options.</summary>
    public EventSelection()
    {
        _actions.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (Glob.TryParse(token.Value, out Glob glob, out _) && !UeventActions.All.Any(glob.Matches))
                    result.AddError($"--action: '{token.Value}' is no action ({Choice.Hint(token.Value, UeventActions.All)})");
            }
        });
        _properties.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.IndexOf('=', StringComparison.Ordinal) <= 0)
                    result.AddError($"'{token.Value}' is not KEY=GLOB");
            }
        });
    }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        _subsystems.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_actions, _devpaths, _properties])
            command.Add(option);
    }

    /// <summary>Reads what they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <returns>What the daemon can select, null if all; and what is left to be selected here.</returns>
    public (DeviceFilter? Filter, Func<string, string?, bool> MatchesPair) Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        (DeviceFilter of, Func<string, string?, bool> matchesPair) = _subsystems.Read(parsed);
        DeviceFilter filter = of with
        {
            Devpaths = NullIfEmpty(parsed.GetValue(_devpaths) ?? []),
            Actions = NullIfEmpty(parsed.GetValue(_actions) ?? []),
            // As udevadm does it: what the event carries, its own variables (RESIZE=1, SYNTH_UUID) included.
            Variables = PropertiesOf(parsed),
        };
        return (filter == new DeviceFilter() ? null : filter, matchesPair);
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
