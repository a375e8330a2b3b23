using System.CommandLine;
using System.Net.Sockets;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Commands.Verbs;
using UeventManager.Daemon.Start;

namespace UeventManager.Commands;

/// <summary>Runs a command and turns errors into one line on stderr and an exit status.</summary>
internal static class CommandRunner
{
    /// <summary>The name of the running program.</summary>
    public static string Program { get; set; } = "ueventctl";

    /// <summary>Makes the action of a command.</summary>
    /// <param name="common">The common options.</param>
    /// <param name="body">The command: returns its exit status.</param>
    /// <returns>The argument of <see cref="Command.SetAction(Func{ParseResult, CancellationToken, Task{int}})"/>.</returns>
    public static Func<ParseResult, CancellationToken, Task<int>> Action(CommonOptions common, Func<CommandContext, Task<int>> body) => Action(common.Read, body);

    /// <summary>Makes the action of a command in a program with other common options.</summary>
    /// <param name="settings">Reads the common options.</param>
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
                // Interrupted work fails in many ways. The user asked for the interruption, so none of them is reported.
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
                Say(error, OutputFile.WithSolution(e));
                return ExitStatus.Failed;
            }
            finally
            {
                await ending.CancelAsync().ConfigureAwait(false);
            }
        };

    /// <summary>Writes <c>PROGRAM: …</c> as one line, whatever the text contains.</summary>
    /// <param name="error">The error output.</param>
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
            // The error output is closed or its disk is full, so the error cannot be reported: the command continues.
        }
    }

    // Tests provide an output of their own. Otherwise the console is bypassed, see TextOutput.
    private static TextOutput OutputOf(ParseResult parsed) =>
        parsed.InvocationConfiguration.Output is StreamWriter writer
            ? new TextOutput(writer.BaseStream, isTerminal: false)
            : TextOutput.OpenStandard();
}
