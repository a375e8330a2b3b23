using System.CommandLine;
using System.Net.Sockets;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Commands.Verbs;
using UeventManager.Daemon.Start;

namespace UeventManager.Commands;

/// <summary>Runs a command and turns what goes wrong into one line on stderr and an exit status.</summary>
internal static class CommandRunner
{
    /// <summary>What the program is called that runs.</summary>
    public static string Program { get; set; } = "ueventctl";

    /// <summary>Makes the action of a command.</summary>
    /// <param name="common">The common options.</param>
    /// <param name="body">The command: returns its exit status.</param>
    /// <returns>What <see cref="Command.SetAction(Func{ParseResult, CancellationToken, Task{int}})"/> takes.</returns>
    public static Func<ParseResult, CancellationToken, Task<int>> Action(CommonOptions common, Func<CommandContext, Task<int>> body) => Action(common.Read, body);

    /// <summary>Makes the action of a command that has other options in common with the rest of its program.</summary>
    /// <param name="settings">Reads what they say.</param>
    /// <param name="body">The command: returns its exit status.</param>
    public static Func<ParseResult, CancellationToken, Task<int>> Action(Func<ParseResult, CommonSettings> settings, Func<CommandContext, Task<int>> body) =>
        async (parsed, cancel) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            ProcessSignals.IsService = parsed.CommandResult.Command.Name == DaemonCommand.Name;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, ProcessSignals.Asked);
            try
            {
                using TextOutput output = OutputOf(parsed);
                int status = await body(new CommandContext(settings(parsed), parsed, output, ending.Token)).ConfigureAwait(false);
                output.Flush();
                return status;
            }
            catch (OutputClosedException)
            {
                return ExitStatus.Done;
            }
            catch (Exception) when (ending.IsCancellationRequested)
            {
                // What was cut off in the middle fails in many ways; the user asked for it, so none is reported.
                return ExitStatus.Interrupted;
            }
            catch (DaemonUnreachableException e)
            {
                Say(error, e.Message);
                return ExitStatus.Unreachable;
            }
            catch (VarlinkErrorException e)
            {
                Say(error, DaemonErrors.Explain(e, settings(parsed).Sysfs));
                return e.Error.EndsWith(".Timeout", StringComparison.Ordinal) ? ExitStatus.TimedOut : ExitStatus.Failed;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
            {
                Say(error, e.Message);
                return ExitStatus.Failed;
            }
            finally
            {
                await ending.CancelAsync().ConfigureAwait(false);
            }
        };

    /// <summary>Writes <c>PROGRAM: …</c>, one line whatever the text holds.</summary>
    /// <param name="error">Where to.</param>
    /// <param name="message">The text.</param>
    public static void Say(TextWriter error, string message)
    {
        ArgumentNullException.ThrowIfNull(error);
        try
        {
            error.WriteLine($"{Program}: " + Printable.Text(message));
            error.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is closed, or its disk is full: there is nobody left who could be told, and what is done goes on.
        }
    }

    // A test gives an output of its own; otherwise the console is gone round, see TextOutput.
    private static TextOutput OutputOf(ParseResult parsed) =>
        parsed.InvocationConfiguration.Output is StreamWriter writer
            ? new TextOutput(writer.BaseStream, isTerminal: false)
            : TextOutput.OpenStandard();
}
