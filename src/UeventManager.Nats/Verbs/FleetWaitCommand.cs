using System.CommandLine;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats wait</c>: waits until a number of devices exist, on all hosts together.</summary>
internal static class FleetWaitCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable, hasTimeout: false);
        var hosts = new HostOption();
        var filters = new FilterOptions(FilterUse.Devices);
        var count = new Option<string?>("--count", "-n") { HelpName = "N", Description = "How many devices, on all hosts together [default: 1]" };
        var until = new Option<string>("--until") { HelpName = "STATE", Description = "settled or removed", DefaultValueFactory = _ => "settled" };
        until.Only("settled", "removed");
        Option<string> timeout = WaitOptions.Timeout("5s");
        var command = new Command("wait", "Wait until devices are settled on live hosts, or gone; exit with 3 at the timeout") { count, until, timeout };
        hosts.AddTo(command);
        filters.AddTo(command);
        settings.AddOutputTo(command);
        broker.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!filters.AreGiven(result))
                result.AddError("name the devices: --filter KEY=GLOB");
            else if (result.GetResult(count) is not null && result.GetValue(until) == "removed")
                result.AddError("--count needs --until settled");
            else if (result.GetResult(count) is { Tokens: [{ Value: var text }] } && CountOf(text) is null)
                result.AddError($"--count: '{text}' is not a number from 1 on");
        });
        command.SetAction(NatsRunner.Action(settings, broker, async (context, options) =>
        {
            ParseResult parsed = context.Parsed;
            TimeSpan time = WaitOptions.TimeOf(parsed, timeout);
            await using var fleet = new FleetClient(options);
            IReadOnlyList<FleetDevice> found;
            try
            {
                found = await fleet.WaitAsync(
                    new FleetSubscribeOptions { Hosts = hosts.Read(parsed), Filter = filters.Read(parsed) },
                    parsed.GetValue(count) is { } number ? CountOf(number)!.Value : 1,
                    parsed.GetValue(until) == "removed" ? WaitUntil.Removed : WaitUntil.Settled,
                    time,
                    context.Cancel).ConfigureAwait(false);
            }
            catch (WaitTimeoutException e)
            {
                if (context.Settings.Json)
                    context.Output.Line(JsonLine.Texts("missing", e.Missing));
                context.Say($"timed out after {time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s; there are {string.Join(", ", e.Missing)} (raise --timeout to wait longer)");
                return ExitStatus.TimedOut;
            }
            foreach (FleetDevice device in found.OrderBy(static one => one.Host, StringComparer.Ordinal).ThenBy(static one => one.DevPath, StringComparer.Ordinal))
            {
                if (context.Settings.Json)
                    context.Output.Line(FleetJson.Write(device));
                else
                    context.Output.Line($"{device.Host} {device.DevPath}");
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    private static int? CountOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 ? number : null;
}
