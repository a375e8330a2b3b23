using System.CommandLine;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl status</c>: the daemon's status.</summary>
internal static class StatusCommand
{
    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Redraw it every second until interrupted" };
        var command = new Command("status", "Show the daemon's health, and which devices wait for what") { watch };
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            bool again = context.Parsed.GetValue(watch);
            Screen? screen = again && context.Output.IsTerminal && !context.Settings.Json ? context.NewScreen() : null;
            using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
            try
            {
                do
                    await ShowAsync(context, client, screen).ConfigureAwait(false);
                while (again && await second.WaitForNextTickAsync(context.Cancel).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (again && context.Cancel.IsCancellationRequested)
            {
                // An interrupt is the normal end of a watch.
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    private static async Task ShowAsync(CommandContext context, UeventClient client, Screen? screen)
    {
        DaemonStatus status = await client.StatusAsync(context.Cancel).ConfigureAwait(false);
        if (context.Settings.Json)
        {
            context.Output.Line(UeventJson.Write(status));
            context.Output.Flush();
            return;
        }
        // The list is long and costs the daemon time, so it is requested only if it is not empty.
        DeviceList? list = status.Waiting + status.Held + (status.Unfinished ?? 0) > 0 ? await client.ListAsync(null, unsettled: true, context.Cancel).ConfigureAwait(false) : null;
        UeventDevice[] unsettled = [.. (list?.Devices ?? []).Where(static d => !d.Settled)];
        Dictionary<string, IReadOnlyList<string>> waitsFor = await WaitReasons.OfAsync(client, StatusView.Shown(unsettled), context.Cancel).ConfigureAwait(false);
        IEnumerable<string> lines = Lines(status, new EventClock(TimeProvider.System, status.NowUsec), context.Palette, unsettled, waitsFor);
        if (screen is not null)
        {
            screen.ShowFull([Headline(context), .. lines]);
            return;
        }
        foreach (string line in lines)
            context.Output.Line(line);
        context.Output.Flush();
    }

    // The time shows whether the display is current.
    private static string Headline(CommandContext context) =>
        $"{context.Palette.Bold("uevent-manager")}  {TimeProvider.System.GetLocalNow():HH:mm:ss}  {context.Palette.Faint("each second; Ctrl-C ends")}";

    /// <summary>Formats a status for people.</summary>
    /// <param name="status">The status.</param>
    /// <param name="clock">The clock for ages.</param>
    /// <param name="palette">The colours.</param>
    /// <param name="unsettled">The waiting and held devices.</param>
    /// <param name="waitsFor">The reasons, by devpath, why devices wait although all their conditions hold.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Lines(
        DaemonStatus status, EventClock clock, Palette palette, IReadOnlyList<UeventDevice>? unsettled = null,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? waitsFor = null)
    {
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(palette);
        var own = new Columns();
        own.Add("version", status.Version);
        own.Add("up", Span(clock.Ago(status.StartedUsec)));
        own.Add("devices", $"{status.Devices} announced{(status.Unfinished > 0 ? $" ({status.Unfinished} not settled)" : "")}, {status.Waiting} waiting, {status.Held} held");
        own.Add("rules", Number(status.Rules));
        var counters = new Columns();
        foreach ((string name, long count) in status.Counters.Where(static c => c.Value != 0).OrderBy(static c => c.Key, StringComparer.Ordinal))
            counters.Add(name, Number(count));
        var subscribers = new Columns();
        subscribers.Add("PID", "UID", "QUEUED", "BYTES", "GAPS", "FOR");
        foreach (DaemonSubscriber s in status.Subscribers)
        {
            subscribers.Add(
                Number(s.Pid), Number(s.Uid), Number(s.QueuedEvents), Number(s.QueuedBytes), Number(s.Gaps), Span(clock.Ago(s.SinceUsec)));
        }
        IEnumerable<string> lines = own.Lines().Concat(StatusView.Early(status.UdevLeads, palette)).Concat(StatusView.Waiting(unsettled ?? [], palette, waitsFor));
        if (StatusView.Troubles(status, palette).ToArray() is { Length: > 0 } troubles)
            lines = lines.Append(palette.Bold("troubles")).Concat(troubles);
        lines = lines.Concat(StatusView.Slowest(status.Lags, palette));
        if (status.Counters.Values.Any(static count => count != 0))
            lines = lines.Append(palette.Bold("counters (those that are not 0)")).Concat(counters.Lines("  "));
        if (status.Unseen is { Count: > 0 } unseen)
            lines = lines.Append(palette.Bold("devices whose last look failed")).Concat(unseen.Select(static one => $"  {one.DevPath} ({one.Errno})"));
        if (status.StuckReads is { Count: > 0 } reads)
            lines = lines.Append(palette.Bold("reads that a driver blocks")).Concat(StuckReads(reads, clock).Lines("  "));
        if (status.Subscribers.Count > 0)
            lines = lines.Append(palette.Bold("subscribers")).Concat(subscribers.Lines("  "));
        return lines;
    }

    private static Columns StuckReads(IReadOnlyList<DaemonStuckRead> reads, EventClock clock)
    {
        var columns = new Columns();
        columns.Add("DEVICE", "ATTRIBUTE", "FOR");
        foreach (DaemonStuckRead read in reads)
            columns.Add(read.DevPath, read.Attribute, Span(clock.Ago(read.SinceUsec)));
        return columns;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays} d {span.Hours} h",
        { TotalHours: >= 1 } => $"{span.Hours} h {span.Minutes} min",
        { TotalMinutes: >= 1 } => $"{span.Minutes} min {span.Seconds} s",
        _ => $"{Math.Max(0, span.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture)} s",
    };
}
