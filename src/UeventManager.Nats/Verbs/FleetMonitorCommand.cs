using System.CommandLine;
using System.Globalization;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Verbs;
using UeventManager.Core.Rules;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats monitor</c>: events of all hosts, until it is interrupted, has shown enough, or its output is closed.</summary>
internal static class FleetMonitorCommand
{
    private static readonly string[] s_names = ["host", .. EventMonitor.Names];

    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable, hasTimeout: false);
        var hosts = new HostOption();
        var selection = new EventSelection();
        var properties = new Option<bool>("--property", "-p") { Description = "Show the properties of each event" };
        Option<string?> format = LineTemplate.Option(s_names, "{host} {time} {action} {devnode}");
        var count = new Option<string?>("--count", "-n") { HelpName = "N", Description = "End after this many events" };
        count.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && CountOf(text) is null)
                result.AddError($"--count: '{text}' is not a number from 1 on");
        });
        var timeout = new Option<string?>("--timeout") { HelpName = "TIME", Description = "End after this time: 500ms, 5s, 2min; with --count as a failure" };
        timeout.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Duration.TryParseOption(text, out _))
                result.AddError($"--timeout: '{text}' is not a time ({Duration.Hint(text) ?? "write for example 500ms, 5s or 2min"})");
        });
        var command = new Command("monitor", "Show settled events of all hosts as they come");
        hosts.AddTo(command);
        selection.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[properties, format, count, timeout])
            command.Add(option);
        settings.AddOutputTo(command);
        broker.AddTo(command);
        command.SetAction(NatsRunner.Action(settings, broker, async (context, options) =>
        {
            ParseResult parsed = context.Parsed;
            LineTemplate? template = LineTemplate.Of(parsed, format, s_names);
            if (context.Settings.Json && template is not null)
            {
                context.Say("--format lays out text (leave --json out)");
                return ExitStatus.Usage;
            }
            int? most = parsed.GetValue(count) is { } number ? CountOf(number) : null;
            TimeSpan? time = parsed.GetValue(timeout) is { } text && Duration.TryParseOption(text, out long usec) ? TimeSpan.FromMicroseconds(usec) : null;
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(context.Cancel);
            if (time is { } limit)
                limited.CancelAfter(limit);
            var view = new FleetEventView(context, template, parsed.GetValue(properties));
            try
            {
                await using var fleet = new FleetClient(options);
                var subscribe = new FleetSubscribeOptions { Hosts = hosts.Read(parsed), Filter = selection.Read(parsed), Reconnecting = view.Lost };
                await foreach (FleetChange change in fleet.SubscribeAsync(subscribe, limited.Token).ConfigureAwait(false))
                {
                    if (view.Write(change, most))
                        return ExitStatus.Done;
                }
            }
            catch (OperationCanceledException) when (limited.IsCancellationRequested && !context.Cancel.IsCancellationRequested)
            {
                if (most is null)
                    return ExitStatus.Done;
                context.Say($"timed out after {Duration.Format((long)time!.Value.TotalMicroseconds)} (raise --timeout to wait longer)");
                return ExitStatus.TimedOut;
            }
            catch (OperationCanceledException) when (context.Cancel.IsCancellationRequested && most is null)
            {
                // An interrupt is the normal end of a monitor without another end.
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    private static int? CountOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 ? number : null;
}
