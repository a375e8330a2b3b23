using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands;
using UeventManager.Core.Rules;
using UeventManager.Nats.Bridge;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats publish</c>: the bridge, which publishes for a host.</summary>
internal static class PublishCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "publish";

    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable);
        var host = new Option<string?>("--host") { HelpName = "NAME", Description = "The host's name in the fleet [default: the content of /etc/machine-id] [UEVENT_NATS_HOST]" };
        host.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && Mistake(text) is { } wrong)
                result.AddError($"--host: {wrong}");
        });
        var beat = new Option<string>("--heartbeat") { HelpName = "TIME", Description = "The interval of heartbeats; without one for three intervals the host counts as stale [default: 10s] [UEVENT_NATS_HEARTBEAT]" };
        beat.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && BeatOf(text) is null)
                result.AddError($"--heartbeat: '{text}' is not a time from 200ms to 10min (write for example 10s)");
        });
        var command = new Command(Name, "Publish the state of this host's devices and every change") { host, beat };
        settings.AddSocketTo(command);
        broker.AddTo(command);
        command.SetAction(NatsRunner.Action(settings, broker, async (context, options) =>
        {
            string? name = context.Parsed.GetValue(host) ?? NatsSettings.Variable("UEVENT_NATS_HOST") ?? MachineId();
            string? time = context.Parsed.GetValue(beat) ?? NatsSettings.Variable("UEVENT_NATS_HEARTBEAT");
            if ((name is null ? "/etc/machine-id has no name for this host (give it one with --host)" : Mistake(name) is { } wrong ? $"UEVENT_NATS_HOST: {wrong}" : null) is { } unnamed)
            {
                context.Say(unnamed);
                return ExitStatus.Usage;
            }
            if (time is not null && BeatOf(time) is null)
            {
                context.Say($"UEVENT_NATS_HEARTBEAT: '{time}' is not a time from 200ms to 10min (write for example 10s)");
                return ExitStatus.Usage;
            }
            string path = context.Settings.ConnectPath;
            // An invalid credentials file is an error at the start. One that is invalid only for a moment later does not end the bridge.
            await options.NewConnection(reconnects: false).DisposeAsync().ConfigureAwait(false);
            await new HostBridge(new BridgeOptions
            {
                Broker = options,
                Host = name!,
                Connect = cancel => VarlinkClientConnection.OpenAsync(path, cancel),
                Beat = BeatOf(time ?? "10s")!.Value,
                Say = context.Say,
            }).RunAsync(context.Cancel).ConfigureAwait(false);
            return ExitStatus.Done;
        }));
        return command;
    }

    // A host's name is part of subjects, of permission files and of command lines.
    private static string? Mistake(string name) =>
        name.Length is 0 or > 253 ? "a name has 1 to 253 characters"
        : name.Any(static c => char.IsControl(c) || c is '*' or '?' or '[' or '!' or ' ' or '/') ? $"'{name}': a name has no blanks, slashes or *?[!"
        : null;

    private static TimeSpan? BeatOf(string text) => Duration.TryParseOption(text, out long usec) && usec is >= 200_000 and <= 600_000_000 ? TimeSpan.FromMicroseconds(usec) : null;

    private static string? MachineId()
    {
        try
        {
            return File.ReadAllText("/etc/machine-id").Trim() is { Length: > 0 } id and not "uninitialized" ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
