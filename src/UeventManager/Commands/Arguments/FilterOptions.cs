using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Client;

namespace UeventManager.Commands.Arguments;

/// <summary>The options by which a command selects devices or events, the same for all commands.</summary>
internal sealed class FilterOptions
{
    /// <summary>The name of <c>--filter</c>'s value in the help.</summary>
    public const string ValueName = "KEY=GLOB,…";

    // The daemon's limit.
    private const int MostAlternatives = 64;

    private readonly FilterOption _filters;
    private readonly Option<string[]> _subsystems = Patterns.Option("--subsystem", "SUBSYSTEM[/DEVTYPE]", "Select this subsystem", "-s", "--subsystem-match");
    private readonly Option<string[]> _devpaths = Patterns.Option("--devpath", "GLOB", "Select devpaths, such as /devices/pci**", "-d");

    /// <summary>Creates the options.</summary>
    /// <param name="use">The kind of selection.</param>
    public FilterOptions(FilterUse use)
    {
        _filters = new FilterOption(use);
        _subsystems.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.Trim('!') is ['/', ..] or [.., '/'])
                    result.AddError($"--subsystem: '{token.Value}' is not SUBSYSTEM[/DEVTYPE]");
            }
        });
        _devpaths.Validators.Add(static result =>
        {
            foreach (string wrong in result.Tokens.Select(static token => FilterText.PathMistake(token.Value)).OfType<string>())
                result.AddError($"--devpath: {wrong}");
        });
    }

    /// <summary>The kind of selection.</summary>
    public FilterUse Use => _filters.Use;

    /// <summary>The option <c>--filter</c> as written.</summary>
    public Option<string[]> Texts => _filters;

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_filters);
        command.Add(_subsystems);
        command.Add(_devpaths);
        command.Validators.Add(result =>
        {
            if (!result.Errors.Any() && Count(Read([.. result.Words(_filters)], [.. result.Words(_subsystems)], [.. result.Words(_devpaths)])) > MostAlternatives)
                result.AddError($"the filters together have more than {MostAlternatives} alternatives (write fewer, with globs)");
        });
    }

    /// <summary>True if one of them is given.</summary>
    public bool AreGiven(SymbolResult result) =>
        new Option[] { _filters, _subsystems, _devpaths }.Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>Reads all values as one filter.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <returns>The filter; null for everything.</returns>
    public DeviceFilter? Read(ParseResult parsed) =>
        Read(parsed.GetValue(_filters) ?? [], parsed.GetValue(_subsystems) ?? [], parsed.GetValue(_devpaths) ?? []) is { IsEmpty: false } filter ? filter : null;

    /// <summary>All values as alternatives, of which one must match; none for everything.</summary>
    /// <param name="holding">Returns the command line that an option is read from.</param>
    public IReadOnlyList<DeviceFilter> Alternatives(Func<Option, ParseResult> holding)
    {
        string[] subsystems = holding(_subsystems).GetValue(_subsystems) ?? [];
        string[] devpaths = holding(_devpaths).GetValue(_devpaths) ?? [];
        string[] filters = holding(_filters).GetValue(_filters) ?? [];
        return filters.Length > 1
            ? [.. filters.Select(one => Read([one], subsystems, devpaths))]
            : Read(filters, subsystems, devpaths) is { IsEmpty: false } only ? [only] : [];
    }

    /// <summary>The values as written, to recognise them again.</summary>
    public string Text(ParseResult parsed) => string.Join(' ',
        (parsed.GetValue(_filters) ?? []).Concat((parsed.GetValue(_subsystems) ?? []).Select(static one => "-s " + one)).Concat((parsed.GetValue(_devpaths) ?? []).Select(static one => "-d " + one)));

    /// <summary>The subsystems in a filter, for a hint about a misspelt one.</summary>
    public static IEnumerable<string> Subsystems(DeviceFilter? filter) =>
        filter is null ? [] : filter.Subsystems.Concat(filter.Alternatives.SelectMany(Subsystems)).Distinct();

    private DeviceFilter Read(string[] filters, string[] subsystems, string[] devpaths) =>
        FilterTerms.All([OfSubsystems(subsystems), FilterTerms.Of("devpath", devpaths), _filters.Parse(filters)]);

    // Several subsystems with devtypes are several pairs.
    private static DeviceFilter OfSubsystems(string[] values) => values.Any(static value => value.Contains('/', StringComparison.Ordinal))
        ? DeviceFilter.AnyOf([.. values.Distinct().Select(static value => value.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash
            ? new DeviceFilter { Subsystems = [value[..slash]], DevTypes = [value[(slash + 1)..]] }
            : new DeviceFilter { Subsystems = [value] })])
        : FilterTerms.Of("subsystem", values);

    private static int Count(DeviceFilter? filter) => filter is null ? 0 : filter.Alternatives.Count + filter.Alternatives.Sum(Count);
}

/// <summary>An option for filters that knows their keys.</summary>
internal sealed class FilterOption : Option<string[]>
{
    /// <summary>Creates <c>--filter</c>.</summary>
    public FilterOption(FilterUse use) : this("--filter", use, $"Select what matches, such as subsystem=net,sysname!=lo; repeat for alternatives. Keys: {FilterKeys.Hint(use)}", "-f")
    {
    }

    /// <summary>Creates an option with another name.</summary>
    public FilterOption(string name, FilterUse use, string description, params string[] aliases) : base(name, aliases)
    {
        Use = use;
        HelpName = FilterOptions.ValueName;
        Description = description;
        Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (FilterText.TryParse(token.Value, use, out _) is { } wrong)
                    result.AddError($"{name}: {wrong}");
            }
        });
    }

    /// <summary>The kind of selection.</summary>
    public FilterUse Use { get; }

    /// <summary>The given values as one filter; null if there are none.</summary>
    public DeviceFilter? Of(ParseResult parsed) => Parse(parsed.GetValue(this) ?? []) is { IsEmpty: false } filter ? filter : null;

    /// <summary>Values as one filter. Errors are reported by the validator.</summary>
    public DeviceFilter Parse(IEnumerable<string> values) =>
        DeviceFilter.AnyOf([.. values.Select(text => FilterText.TryParse(text, Use, out DeviceFilter filter) is null ? filter : new DeviceFilter())]);
}
