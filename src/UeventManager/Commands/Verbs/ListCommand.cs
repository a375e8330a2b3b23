using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl list</c>: the announced devices.</summary>
internal static class ListCommand
{
    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var unsettled = new Option<bool>("--unsettled") { Description = "Also list devices that still wait, with what is missing" };
        var filters = new FilterOptions(FilterUse.Devices);
        Option<string?> format = LineTemplate.Option(EventFields.OfDevices, "{subsystem} {devnode}");
        var command = new Command("list", "List the devices");
        command.Add(unsettled);
        filters.AddTo(command);
        command.Add(format);
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            DeviceFilter? filter = filters.Read(context.Parsed);
            LineTemplate? template = LineTemplate.Of(context.Parsed, format, EventFields.OfDevices);
            if (context.Settings.Json && template is not null)
            {
                context.Say("--format lays out text (leave --json out)");
                return ExitStatus.Usage;
            }
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            DeviceList list = await client.ListAsync(filter, context.Parsed.GetValue(unsettled), context.Cancel).ConfigureAwait(false);
            IReadOnlyList<UeventDevice> devices = list.Devices;
            if (devices.Count == 0 && filter is not null)
                context.Say(SubsystemHint.Of(FilterOptions.Subsystems(filter), context.Settings.Sysfs) ?? $"no device matches{(context.Parsed.GetValue(unsettled) ? "" : " (--unsettled also lists waiting devices)")}");
            if (context.Settings.Json)
            {
                foreach (UeventDevice device in devices)
                    context.Output.Line(UeventJson.Write(device));
                return ExitStatus.Done;
            }
            if (template is not null)
            {
                foreach (UeventDevice device in devices.OrderBy(static d => d.DevPath, StringComparer.Ordinal))
                    context.Output.Raw(template.Format(name => EventFields.Value(name, device, null, context.Settings.Sysfs)) + "\n");
                return ExitStatus.Done;
            }
            Dictionary<string, IReadOnlyList<string>> reasons = await WaitReasons.OfAsync(client, devices, context.Cancel).ConfigureAwait(false);
            foreach (string line in Table(devices, context.Output.IsTerminal, reasons))
                context.Output.Line(line);
            return ExitStatus.Done;
        }));
        return command;
    }

    /// <summary>Formats devices, one per line, by devpath.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="headed">True for a heading.</param>
    /// <param name="reasons">The reasons, by devpath, why devices wait although no condition is missing.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Table(IEnumerable<UeventDevice> devices, bool headed, IReadOnlyDictionary<string, IReadOnlyList<string>>? reasons = null)
    {
        var columns = new Columns();
        if (headed)
            columns.Add("SUBSYSTEM", "SYSNAME", "STATE", "DEVPATH", "MISSING");
        foreach (UeventDevice device in devices.OrderBy(static d => d.DevPath, StringComparer.Ordinal))
        {
            string missing = device.Missing.Count > 0 ? string.Join(", ", device.Missing)
                : reasons?.GetValueOrDefault(device.DevPath) is { Count: > 0 } waitsFor ? "waits for " + string.Join(", ", waitsFor) : "";
            columns.Add(device.Subsystem, device.SysName, device.Settled ? "settled" : "unsettled", device.DevPath, missing);
        }
        return columns.Lines();
    }
}
