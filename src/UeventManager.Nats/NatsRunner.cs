using System.CommandLine;
using NATS.Client.Core;
using UeventManager.Commands;
using UeventManager.Fleet;
using UeventManager.Nats.Bridge;

namespace UeventManager.Nats;

/// <summary>Runs a command, and reports errors of the broker in one line with the solution.</summary>
internal static class NatsRunner
{
    /// <summary>Makes the action of a command.</summary>
    /// <param name="settings">The common options.</param>
    /// <param name="broker">The broker's options.</param>
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
                return IsUnreachable(e, options) ? ExitStatus.Unreachable : ExitStatus.Failed;
            }
        });

    /// <summary>Makes the action of a command that uses the broker itself, over one connection to a supported server.</summary>
    /// <param name="settings">The common options.</param>
    /// <param name="broker">The broker's options.</param>
    /// <param name="body">The command: returns its exit status.</param>
    public static Func<ParseResult, CancellationToken, Task<int>> ConnectedAction(
        NatsSettings settings, BrokerSettings broker, Func<CommandContext, FleetOptions, NatsConnection, Task<int>> body) => Action(settings, broker, async (context, options) =>
        {
            await using NatsConnection nats = options.NewConnection(reconnects: false);
            using var refusals = new ServerRefusals(nats, context.Cancel);
            int status = ExitStatus.Failed;
            await refusals.GuardAsync(async cancel =>
            {
                await nats.ConnectAsync().AsTask().WaitAsync(cancel).ConfigureAwait(false);
                StreamCheck.RequireServer(nats);
                status = await body(context with { Cancel = cancel }, options, nats).ConfigureAwait(false);
            }).ConfigureAwait(false);
            return status;
        });

    private static bool IsUnreachable(Exception e, FleetOptions options) => !BridgeErrors.IsRefusal(e, options) && e is NatsException or System.Net.Sockets.SocketException or TimeoutException or OperationCanceledException;
}
