using System.CommandLine;
using UeventManager.Client;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>The option that selects subsystems, each perhaps with a devtype. Both of its names are taken wherever it is.</summary>
internal sealed class SubsystemSelection(string name, string alias)
{
    private readonly Option<string[]> _pairs = Patterns.Option(name, "SUBSYSTEM[/DEVTYPE]", "Only of this subsystem", "-s", alias);

    /// <summary>Adds it to a command.</summary>
    public void AddTo(Command command) => command.Add(_pairs);

    /// <summary>Reads what it says.</summary>
    /// <returns>What the daemon can select; and what is left to be selected here.</returns>
    public (DeviceFilter Filter, Func<string, string?, bool> MatchesPair) Read(ParseResult parsed)
    {
        (string Subsystem, string? Devtype)[] pairs = [.. (parsed.GetValue(_pairs) ?? []).Select(Split)];
        var filter = new DeviceFilter
        {
            Subsystems = pairs.Length == 0 ? null : [.. pairs.Select(static p => p.Subsystem).Distinct()],
            Devtypes = pairs.Length > 0 && Array.TrueForAll(pairs, static p => p.Devtype is not null) ? [.. pairs.Select(static p => p.Devtype!).Distinct()] : null,
        };
        return (filter, Match(pairs));
    }

    private static (string Subsystem, string? Devtype) Split(string value)
    {
        int slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (value, null) : (value[..slash], value[(slash + 1)..]);
    }

    // A filter's lists of subsystems and devtypes are independent of each other; of several pairs only those that were given count.
    private static Func<string, string?, bool> Match((string Subsystem, string? Devtype)[] pairs)
    {
        if (pairs.Length < 2 || Array.TrueForAll(pairs, static p => p.Devtype is null))
            return static (_, _) => true;
        (Glob Subsystem, Glob? Devtype)[] globs =
            [.. pairs.Select(static p => (Glob.Parse(p.Subsystem), p.Devtype is null ? null : Glob.Parse(p.Devtype, GlobSubject.Value)))];
        return (subsystem, devtype) => Array.Exists(globs, g => g.Subsystem.Matches(subsystem) && (g.Devtype?.Matches(devtype) ?? true));
    }
}
