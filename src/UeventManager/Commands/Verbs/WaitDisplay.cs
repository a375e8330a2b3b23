using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Verbs;

/// <summary>Shows on a terminal what is still missing during a <c>wait</c>: rewritten in place, and removed at the end.</summary>
/// <param name="context">The command.</param>
/// <param name="client">A client; the display uses connections of its own.</param>
/// <param name="wanted">The wait.</param>
internal sealed class WaitDisplay(CommandContext context, UeventClient client, WantedDevices wanted)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private readonly EventClock _clock = new(TimeProvider.System);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Screen _screen = context.NewScreen();

    /// <summary>Shows the display until all waits are answered.</summary>
    public async Task ShowAsync(IReadOnlyList<Task<IReadOnlyList<UeventDevice>>> waits, Task all)
    {
        // The interval is for a reader's eye; the answer itself comes from the daemon at once.
        using var pace = new PeriodicTimer(Pace);
        Task<bool> tick = pace.WaitForNextTickAsync(context.Cancel).AsTask();
        while (await Task.WhenAny(all, tick).ConfigureAwait(false) != all && await tick.ConfigureAwait(false))
        {
            _screen.ShowHere([Headline(), .. await KnownAsync(waits).ConfigureAwait(false)]);
            tick = pace.WaitForNextTickAsync(context.Cancel).AsTask();
        }
        _screen.ShowHere([]);
    }

    private async Task<IReadOnlyList<string>> KnownAsync(IReadOnlyList<Task> waits)
    {
        try
        {
            return await LinesAsync(waits).ConfigureAwait(false);
        }
        catch (DaemonUnreachableException e)
        {
            return [$"  {context.Palette.Warn(Printable.Text(e.Message))}"];
        }
    }

    private string Headline() =>
        $"waiting for {Seconds(TimeProvider.System.GetElapsedTime(_started))} of {Duration.Format((long)wanted.Timeout.TotalMicroseconds)}  {context.Palette.Faint("Ctrl-C ends")}";

    private async Task<IReadOnlyList<string>> LinesAsync(IReadOnlyList<Task> waits)
    {
        if (wanted.Filter is { } filter)
            return await FilteredAsync(filter).ConfigureAwait(false);
        var lines = new List<string>();
        for (int i = 0; i < wanted.Names.Count; i++)
        {
            if (!waits[i].IsCompleted)
                lines.Add(await ExplainAsync(wanted.Names[i]).ConfigureAwait(false));
        }
        return lines;
    }

    private async Task<string> ExplainAsync(string name)
    {
        try
        {
            DeviceExplanation device = await client.ExplainAsync(name, context.Cancel).ConfigureAwait(false);
            string since = device.History.LastOrDefault(moment => moment.What == "arrived") is { } arrived ? Seconds(DateTimeOffset.UtcNow - _clock.Moment(arrived.AtUsec, arrived.RealtimeUsec)) : "";
            IEnumerable<string> missing = device.Conditions.Where(c => !c.Held).Select(c => c.Value is null ? c.Text : $"{c.Text} ({c.Value})")
                .Concat(device.WaitsFor.Select(reason => $"waits for {reason}"));
            return Line(name, wanted.Until == WaitUntil.Removed ? "still there" : string.Join(", ", missing.DefaultIfEmpty(device.State)), since);
        }
        catch (VarlinkErrorException e)
        {
            // The display is optional, so its failure does not end the wait.
            return Line(name, e.Error.EndsWith(".NoSuchDevice", StringComparison.Ordinal) ? "no such device yet" : DaemonErrors.Explain(e), "");
        }
    }

    private async Task<IReadOnlyList<string>> FilteredAsync(DeviceFilter filter)
    {
        DeviceList list = await client.ListAsync(filter, unsettled: true, context.Cancel).ConfigureAwait(false);
        if (wanted.Until == WaitUntil.Removed)
            return [.. list.Devices.Select(d => Line(d.DevPath, "still there", ""))];
        int settled = list.Devices.Count(d => d.Settled);
        return [.. list.Devices.Where(d => !d.Settled).Select(d => Line(d.DevPath, string.Join(", ", d.Missing ?? []), "")).Prepend(Line($"{settled} of {wanted.Count} settled", "", ""))];
    }

    // The time first, because the list of missing conditions is long and cut at the terminal's width.
    private string Line(string name, string missing, string since) =>
        $"  {context.Palette.Bold(Printable.Text(name))}{(since.Length > 0 ? "  " + context.Palette.Faint(since) : "")}  {context.Palette.Warn(Printable.Text(missing))}".TrimEnd();


    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
