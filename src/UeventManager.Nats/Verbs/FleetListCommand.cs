using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats list</c>: the devices of all hosts.</summary>
internal static class FleetListCommand
{
    /// <summary>The placeholders of a template.</summary>
    public static IReadOnlyList<string> Names { get; } = ["host", .. EventFields.OfDevices];

    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable);
        var hosts = new HostOption();
        var filters = new FilterOptions(FilterUse.Devices);
        Option<string?> format = LineTemplate.Option(Names, "{host} {subsystem} {devnode}");
        var command = new Command("list", "List the devices of all hosts");
        hosts.AddTo(command);
        filters.AddTo(command);
        command.Add(format);
        settings.AddOutputTo(command);
        broker.AddTo(command);
        command.SetAction(NatsRunner.Action(settings, broker, async (context, options) =>
        {
            LineTemplate? template = LineTemplate.Of(context.Parsed, format, Names);
            if (context.Settings.Json && template is not null)
            {
                context.Say("--format lays out text (leave --json out)");
                return ExitStatus.Usage;
            }
            DeviceFilter? filter = filters.Read(context.Parsed);
            await using var fleet = new FleetClient(options);
            FleetState state = await fleet.ListAsync(new FleetSubscribeOptions { Hosts = hosts.Read(context.Parsed), Filter = filter }, context.Cancel).ConfigureAwait(false);
            if (state.Hosts.Count == 0)
                context.Say("no host publishes there (start uevent-nats publish on a host)");
            else if (state.Devices.Count == 0 && filter is not null)
                context.Say("no device fits");
            if (state.Hosts.Where(static host => host.State != FleetHostState.Live).Select(static host => host.Name).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } old)
                context.Say($"{Some(old)} not live: their devices are listed as last known (uevent-nats status)");
            IEnumerable<FleetDevice> devices = state.Devices.OrderBy(static one => one.Host, StringComparer.Ordinal).ThenBy(static one => one.DevPath, StringComparer.Ordinal);
            if (context.Settings.Json)
            {
                foreach (FleetDevice device in devices)
                    context.Output.Line(FleetJson.Write(device));
                return ExitStatus.Done;
            }
            if (template is not null)
            {
                foreach (FleetDevice device in devices)
                    context.Output.Raw(template.Format(name => name == "host" ? device.Host : EventFields.Value(name, device.Read(), null, "/sys")) + "\n");
                return ExitStatus.Done;
            }
            var columns = new Columns();
            if (context.Output.IsTerminal)
                columns.Add("HOST", "SUBSYSTEM", "SYSNAME", "STATE", "DEVPATH", "MISSING");
            foreach (FleetDevice one in devices)
            {
                UeventDevice device = one.Read();
                columns.Add(one.Host, device.Subsystem, device.SysName, device.Settled ? "settled" : "unsettled", device.DevPath, string.Join(", ", device.Missing ?? []));
            }
            foreach (string line in columns.Lines())
                context.Output.Line(line);
            return ExitStatus.Done;
        }));
        return command;
    }

    private static string Some(string[] names) =>
        names.Length <= 3 ? $"{string.Join(", ", names)} {(names.Length == 1 ? "is" : "are")}" : $"{names[0]}, {names[1]} and {names.Length - 2} others are";
}
