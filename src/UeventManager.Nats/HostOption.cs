using System.CommandLine;
using UeventManager.Commands.Arguments;

namespace UeventManager.Nats;

/// <summary>The option <c>--host</c> of commands for the fleet.</summary>
/// <param name="text">The description in the help.</param>
internal sealed class HostOption(string text = "Select this host, such as 'rack7-*'; a leading ! negates")
{
    private readonly Option<string[]> _hosts = Patterns.Option("--host", "GLOB", text, "-H");

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_hosts);

    /// <summary>The globs; empty for all hosts.</summary>
    public IReadOnlyList<string> Read(ParseResult parsed) => parsed.GetValue(_hosts) ?? [];
}
