using System.CommandLine;
using System.Globalization;
using UeventManager.Commands;
using UeventManager.Commands.Terminal;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats status</c>: the hosts and their states.</summary>
internal static class FleetStatusCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable);
        var hosts = new HostOption();
        var command = new Command("status", "Show the hosts; exit with 1 if one is not live");
        hosts.AddTo(command);
        settings.AddOutputTo(command);
        broker.AddTo(command);
        command.SetAction(NatsRunner.Action(settings, broker, async (context, options) =>
        {
            await using var fleet = new FleetClient(options);
            FleetState state = await fleet.ListAsync(new FleetSubscribeOptions { Hosts = hosts.Read(context.Parsed) }, context.Cancel).ConfigureAwait(false);
            Dictionary<string, int> devices = state.Devices.GroupBy(static one => one.Host, StringComparer.Ordinal).ToDictionary(static one => one.Key, static one => one.Count(), StringComparer.Ordinal);
            if (state.Hosts.Count == 0)
                context.Say("no host publishes there (start uevent-nats publish on a host)");
            var columns = new Columns();
            if (context.Output.IsTerminal)
                columns.Add("HOST", "STATE", "DEVICES", "SEEN", "HOSTNAME", "VERSION");
            foreach (FleetHost host in state.Hosts.OrderBy(static one => one.Name, StringComparer.Ordinal))
            {
                int count = devices.GetValueOrDefault(host.Name);
                if (context.Settings.Json)
                    context.Output.Line(Json(host, count));
                else
                    columns.Add(host.Name, FleetEventView.NameOf(host.State), count.ToString(CultureInfo.InvariantCulture), Seen(host), host.Lease?.Hostname ?? "", host.Lease?.Version ?? "");
            }
            foreach (string line in columns.Lines())
                context.Output.Line(line);
            return state.Hosts.All(static host => host.State == FleetHostState.Live) ? ExitStatus.Done : ExitStatus.Failed;
        }));
        return command;
    }

    private static byte[] Json(FleetHost host, int devices) => JsonLine.Object(json =>
    {
        json.WriteString("host", host.Name);
        json.WriteString("state", FleetEventView.NameOf(host.State));
        json.WriteNumber("devices", devices);
        if (host.LastSeen is { } seen)
            json.WriteString("seen", seen.UtcDateTime);
        if (host.Lease is not { } lease)
            return;
        json.WriteNumber("beatMsec", lease.BeatMsec);
        json.WriteNumber("gaps", lease.Gaps);
        foreach ((string name, string? value) in new[] { ("lastGap", lease.LastGap), ("hostname", lease.Hostname), ("boot", lease.Boot), ("version", lease.Version) })
        {
            if (value is not null)
                json.WriteString(name, value);
        }
    });

    private static string Seen(FleetHost host) => host.LastSeen is not { } seen ? "never" : (DateTimeOffset.UtcNow - seen) switch
    {
        { TotalSeconds: < 60 } ago => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, ago.TotalSeconds):0} s ago"),
        { TotalMinutes: < 120 } ago => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalMinutes:0} min ago"),
        { TotalHours: < 48 } ago => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalHours:0} h ago"),
        var ago => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalDays:0} days ago"),
    };
}
