using System.CommandLine;
using UeventManager.Commands.Arguments;

namespace UeventManager.Nats;

/// <summary><c>--host</c> of the commands that see the fleet.</summary>
internal sealed class HostOption
{
    private readonly Option<string[]> _hosts = Patterns.Option("--host", "GLOB", "Only this host, as 'rack7-*'; a leading ! negates", "-H");

    /// <summary>Adds it to a command.</summary>
    public void AddTo(Command command) => command.Add(_hosts);

    /// <summary>The globs; null for all hosts.</summary>
    public IReadOnlyList<string>? Read(ParseResult parsed) => parsed.GetValue(_hosts) is { Length: > 0 } globs ? globs : null;
}
