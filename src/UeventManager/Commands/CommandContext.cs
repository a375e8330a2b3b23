using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Netlink;

namespace UeventManager.Commands;

/// <summary>The context of a running command.</summary>
/// <param name="Settings">The common options.</param>
/// <param name="Parsed">The command line, for the command's own options.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Cancel">Cancelled by SIGINT and SIGTERM, and when the command ends.</param>
internal sealed record CommandContext(CommonSettings Settings, ParseResult Parsed, TextOutput Output, CancellationToken Cancel)
{
    /// <summary>Colours, if the output is a terminal and colour was not forbidden.</summary>
    public Palette Palette => Output.IsTerminal && Settings.MayColor ? new Palette(true) : Palette.None;

    /// <summary>The terminal as a screen that can be redrawn; of the usual size if its own is not known.</summary>
    public Screen NewScreen() => new(Output, static () => TerminalSize.Of(1) ?? (24, 80));

    /// <summary>Connects to the daemon.</summary>
    /// <returns>The client.</returns>
    /// <exception cref="DaemonUnreachableException">The daemon cannot be reached.</exception>
    public Task<UeventClient> ConnectAsync() => UeventClient.ConnectAsync(Settings.ConnectPath, Cancel);

    /// <summary>Writes a line to stderr, where all errors and notices go.</summary>
    /// <param name="message">The message, with the solution.</param>
    public void Say(string message) => CommandRunner.Say(Parsed.InvocationConfiguration.Error, message);
}
