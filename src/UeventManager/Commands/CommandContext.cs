using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Netlink;

namespace UeventManager.Commands;

/// <summary>What a command runs with.</summary>
/// <param name="Settings">The common options.</param>
/// <param name="Parsed">The command line, for the command's own options.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Cancel">Cancelled by SIGINT and SIGTERM, and when the command ends.</param>
internal sealed record CommandContext(CommonSettings Settings, ParseResult Parsed, TextOutput Output, CancellationToken Cancel)
{
    /// <summary>Colour, if a terminal shows it and nobody forbade it.</summary>
    public Palette Palette => Output.IsTerminal && Settings.MayColor ? new Palette(true) : Palette.None;

    /// <summary>The terminal as something that is written over; of the usual size where it does not say its own.</summary>
    public Screen NewScreen() => new(Output, static () => TerminalSize.Of(1) ?? (24, 80));

    /// <summary>Connects to the daemon.</summary>
    /// <returns>The client.</returns>
    /// <exception cref="DaemonUnreachableException">There is none.</exception>
    public Task<UeventClient> ConnectAsync() => UeventClient.ConnectAsync(Settings.ConnectPath, Cancel);

    /// <summary>Writes a line to stderr, as every error and notice is written.</summary>
    /// <param name="message">What is to be said, with the fix.</param>
    public void Say(string message) => CommandRunner.Say(Parsed.InvocationConfiguration.Error, message);
}
