using System.CommandLine;
using System.Diagnostics;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Udev;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl settle</c>: waits until all events that the kernel had sent before are finished.</summary>
internal static class SettleCommand
{
    private const string UdevRun = "/run/udev";

    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var filters = new FilterOptions(FilterUse.Devices);
        var udev = new Option<bool>("--udev") { Description = "First wait until udevd, if it runs, has processed them, so that its links in /dev exist" };
        var timeout = WaitOptions.Timeout("2min");
        var command = new Command("settle", "Wait until all uevents sent so far are delivered, dropped or past their deadline; at the timeout exit with 3") { udev, timeout };
        filters.AddTo(command);
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            TimeSpan patience = WaitOptions.TimeOf(context.Parsed, timeout);
            if (context.Parsed.GetValue(udev) && UdevControl.MayBeAnswered(UdevRun))
            {
                // First, because events that udev's rules trigger must settle too.
                var time = Stopwatch.StartNew();
                if (!await Udevadm.SettleAsync(patience, context.Cancel).ConfigureAwait(false))
                {
                    context.Say("timed out; udevd is still working on events (raise --timeout; udevadm monitor shows its events)");
                    return ExitStatus.TimedOut;
                }
                patience = patience > time.Elapsed ? patience - time.Elapsed : TimeSpan.Zero;
            }
            await using UeventClient client = UeventClient.Of(context.Settings.ConnectPath);
            return await RunAsync(context, client, filters.Read(context.Parsed), patience).ConfigureAwait(false);
        }));
        return command;
    }

    /// <summary>Settles, and prints the missing conditions at the timeout.</summary>
    public static async Task<int> RunAsync(CommandContext context, UeventClient client, DeviceFilter? filter, TimeSpan timeout)
    {
        if (SubsystemHint.Of(FilterOptions.Subsystems(filter), context.Settings.Sysfs) is { } hint)
            context.Say(hint);
        try
        {
            await new Patience(context, client, timeout).CallAsync(async (daemon, left) =>
            {
                await daemon.SettleAsync(filter, left, context.Cancel).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            if (context.Settings.Json)
                context.Output.Line(JsonLine.Texts("missing", []));
            return ExitStatus.Done;
        }
        catch (WaitTimeoutException e)
        {
            if (context.Settings.Json)
                context.Output.Line(JsonLine.Texts("missing", e.Missing));
            context.Say($"timed out; still missing: {string.Join(", ", e.Missing)} (raise --timeout to wait longer)");
            return ExitStatus.TimedOut;
        }
    }
}
