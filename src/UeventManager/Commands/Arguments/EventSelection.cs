using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Client;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Commands.Arguments;

/// <summary>The options that select events: the common ones, and those of <c>udevadm monitor</c>. All values are globs.</summary>
internal sealed class EventSelection
{
    private readonly FilterOptions _filters = new(FilterUse.Events);
    private readonly Option<string[]> _actions = Patterns.Option("--action", "ACTION", "Select this action: add, remove, change, …", "-a");
    private readonly Option<string[]> _tags = Patterns.Option("--tag-match", "TAG", "Select devices with this udev tag, if their rule attaches TAGS", "-t");
    private readonly Option<string[]> _properties = Patterns.Option("--property-match", "KEY=GLOB", "Select events with this property or variable; all must match");

    /// <summary>Creates the options.</summary>
    public EventSelection()
    {
        _actions.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (Glob.TryParse(token.Value.TrimStart('!'), out Glob glob, out _) && !UeventActions.All.Any(glob.Matches))
                    result.AddError($"--action: '{token.Value}' is not an action ({Choice.Hint(token.Value, UeventActions.All)})");
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
        _filters.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_actions, _tags, _properties])
            command.Add(option);
    }

    /// <summary>The option that asks for something that no uevent of the kernel contains, or null.</summary>
    /// <param name="result">The parsed command.</param>
    public string? NotOfKernel(CommandResult result) => result.GetResult(_tags) is { Implicit: false }
        ? $"--tag-match: {FilterKeys.Refusal("tag", FilterUse.Kernel)}"
        : (result.GetValue(_filters.Texts) ?? []).Select(static text => FilterText.TryParse(text, FilterUse.Kernel, out _)).OfType<string>().FirstOrDefault() is { } wrong
            ? $"--filter: {wrong}"
            : null;

    /// <summary>Reads the values.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <returns>The filter; null for everything.</returns>
    public DeviceFilter? Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        DeviceFilter all = FilterTerms.All(
        [
            _filters.Read(parsed) ?? new DeviceFilter(),
            FilterTerms.Of("action", parsed.GetValue(_actions) ?? []),
            FilterTerms.Of("tag", parsed.GetValue(_tags) ?? []),
            // As in udevadm: the event's properties, including variables of its own (RESIZE=1, SYNTH_UUID).
            new DeviceFilter { Variables = PropertiesOf(parsed) },
        ]);
        return all.IsEmpty ? null : all;
    }

    private Dictionary<string, string> PropertiesOf(ParseResult parsed)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in parsed.GetValue(_properties) ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            result[pair[..equals]] = pair[(equals + 1)..];
        }
        return result;
    }
}
