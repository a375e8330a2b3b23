using System.CommandLine;
using NATS.Client.Core;
using NATS.Client.JetStream;
using UeventManager.Commands;
using UeventManager.Fleet;
using UeventManager.Nats.Bridge;

namespace UeventManager.Nats;

/// <summary>Runs a command, and says what is wrong with the broker in one line that names the fix.</summary>
internal static class NatsRunner
{
    /// <summary>Makes the action of a command.</summary>
    /// <param name="settings">The options of all commands.</param>
    /// <param name="broker">Those of the broker.</param>
    /// <param name="body">The command: returns its exit status.</param>
    public static Func<ParseResult, CancellationToken, Task<int>> Action(NatsSettings settings, BrokerSettings broker, Func<CommandContext, FleetOptions, Task<int>> body) =>
        CommandRunner.Action(settings.Read, async context =>
        {
            FleetOptions options = broker.Read(context.Parsed, $"uevent-nats {context.Parsed.CommandResult.Command.Name}");
            try
            {
                return await body(context, options).ConfigureAwait(false);
            }
            catch (Exception e) when (e is FencedException or RefusedException)
            {
                context.Say(e.Message);
                return ExitStatus.Failed;
            }
            catch (Exception e) when (!context.Cancel.IsCancellationRequested && BridgeErrors.Explain(e, options) is { } text)
            {
                context.Say(text);
                return IsUnreachable(e) ? ExitStatus.Unreachable : ExitStatus.Failed;
            }
        });

    private static bool IsUnreachable(Exception e) =>
        e is System.Net.Sockets.SocketException or TimeoutException or OperationCanceledException
        || (e is NatsException and not (NatsServerException or NatsJSException) && (e.InnerException is null || IsUnreachable(e.InnerException) || e.InnerException is IOException));
}
