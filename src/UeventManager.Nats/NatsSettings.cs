using System.CommandLine;
using UeventManager.Commands.Arguments;

namespace UeventManager.Nats;

/// <summary>The options that several commands of <c>uevent-nats</c> share, apart from the broker's.</summary>
internal sealed class NatsSettings
{
    private readonly Option<string?> _socket = new("--socket") { HelpName = "PATH", Description = "The daemon's socket [UEVENT_MANAGER_SOCKET]" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object per line" };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "Use no colour, as if NO_COLOR were set" };

    /// <summary>Adds the options of a command that uses the host's daemon.</summary>
    public void AddSocketTo(Command command) => command.Add(_socket);

    /// <summary>Adds the options of a command with output.</summary>
    public void AddOutputTo(Command command)
    {
        command.Add(_json);
        command.Add(_noColor);
    }

    /// <summary>Reads the values.</summary>
    public CommonSettings Read(ParseResult parsed) => new()
    {
        Socket = parsed.GetResult(_socket) is null ? Variable("UEVENT_MANAGER_SOCKET") : parsed.GetValue(_socket) ?? Variable("UEVENT_MANAGER_SOCKET"),
        Json = parsed.GetResult(_json) is not null && parsed.GetValue(_json),
        MayColor = (parsed.GetResult(_noColor) is null || !parsed.GetValue(_noColor)) && Variable("NO_COLOR") is null && Variable("TERM") != "dumb",
    };

    /// <summary>An environment variable; null if it is unset or empty.</summary>
    public static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
