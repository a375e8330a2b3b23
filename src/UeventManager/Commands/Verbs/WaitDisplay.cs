using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary>What is still missing while <c>wait</c> waits, on a terminal: written over itself, and taken away at the end.</summary>
/// <param name="context">The command.</param>
/// <param name="client">A client; the display has connections of its own.</param>
/// <param name="wanted">What is waited for.</param>
internal sealed class WaitDisplay(CommandContext context, UeventClient client, WantedDevices wanted)
{
    private const int MaxLines = 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private readonly EventClock _clock = new(TimeProvider.System);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _shown;

    /// <summary>Shows it until everything is answered.</summary>
    public async Task ShowAsync(IReadOnlyList<Task<IReadOnlyList<UeventDevice>>> waits, Task all)
    {
        // For a person to read; the answer itself is the daemon's and comes at once.
        using var pace = new PeriodicTimer(Pace);
        Task<bool> tick = pace.WaitForNextTickAsync(context.Cancel).AsTask();
        while (await Task.WhenAny(all, tick).ConfigureAwait(false) != all && await tick.ConfigureAwait(false))
        {
            Draw(await LinesAsync(waits).ConfigureAwait(false));
            tick = pace.WaitForNextTickAsync(context.Cancel).AsTask();
        }
        Draw([]);
    }

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
            string since = device.History.LastOrDefault(moment => moment.What == "arrived") is { } arrived ? Seconds(_clock.Ago(arrived.AtUsec)) : "";
            IEnumerable<string> missing = device.Conditions.Where(c => !c.Held).Select(c => c.Value is null ? c.Text : $"{c.Text} ({c.Value})")
                .Concat((device.WaitsFor ?? []).Select(reason => $"waits for {reason}"));
            return Line(name, wanted.Until == WaitUntil.Removed ? "still there" : string.Join(", ", missing.DefaultIfEmpty(device.State)), since);
        }
        catch (VarlinkErrorException e)
        {
            // The display is a courtesy: what keeps it from asking does not end the wait.
            return Line(name, e.Error.EndsWith(".NoSuchDevice", StringComparison.Ordinal) ? "no such device yet" : DaemonErrors.Explain(e), Seconds(TimeProvider.System.GetElapsedTime(_started)));
        }
    }

    private async Task<IReadOnlyList<string>> FilteredAsync(DeviceFilter filter)
    {
        DeviceList list = await client.ListAsync(filter, unsettled: true, context.Cancel).ConfigureAwait(false);
        string since = Seconds(TimeProvider.System.GetElapsedTime(_started));
        if (wanted.Until == WaitUntil.Removed)
            return [.. list.Devices.Select(d => Line(d.Devpath, "still there", since))];
        int settled = list.Devices.Count(d => d.Settled);
        return [.. list.Devices.Where(d => !d.Settled).Select(d => Line(d.Devpath, string.Join(", ", d.Missing ?? []), "")).Prepend(Line($"{settled} of {wanted.Count} settled", "", since))];
    }

    private string Line(string name, string missing, string since) =>
        $"{context.Palette.Bold(Printable.Text(name))}  {context.Palette.Warn(Printable.Text(missing))}  {context.Palette.Faint(since)}";

    private void Draw(IReadOnlyList<string> lines)
    {
        if (_shown > 0)
            context.Output.Raw($"\e[{_shown}A\e[J");
        IEnumerable<string> shown = lines.Count > MaxLines ? lines.Take(MaxLines - 1).Append($"and {lines.Count - MaxLines + 1} more") : lines;
        _shown = 0;
        foreach (string line in shown)
        {
            // A line that the terminal wraps would be two when it is written over.
            context.Output.Raw("\e[?7l");
            context.Output.Line(line);
            context.Output.Raw("\e[?7h");
            _shown++;
        }
        context.Output.Flush();
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
