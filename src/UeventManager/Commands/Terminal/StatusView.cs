using System.Globalization;
using UeventManager.Client;

namespace UeventManager.Commands.Terminal;

/// <summary>Formats a daemon's status for a person, the most important first.</summary>
internal static class StatusView
{
    // One screen; `list --unsettled` shows all of them.
    private const int MostDevices = 15;

    private const int MostSubsystems = 5;

    /// <summary>Devices that wait, are held, or were delivered unsettled, with their missing conditions.</summary>
    /// <param name="unsettled">The devices.</param>
    /// <param name="palette">The colours.</param>
    /// <param name="waitsFor">The reasons, by devpath, why devices wait although all their conditions hold.</param>
    /// <returns>The lines; none if nothing waits.</returns>
    public static IEnumerable<string> Waiting(
        IReadOnlyList<UeventDevice> unsettled, Palette palette, IReadOnlyDictionary<string, IReadOnlyList<string>>? waitsFor = null)
    {
        ArgumentNullException.ThrowIfNull(unsettled);
        ArgumentNullException.ThrowIfNull(palette);
        if (unsettled.Count == 0)
            return [];
        var columns = new Columns();
        foreach (UeventDevice device in Shown(unsettled))
        {
            IReadOnlyList<string>? reasons = device.Missing is { Count: > 0 } items ? items : waitsFor?.GetValueOrDefault(device.DevPath);
            string missing = reasons is { Count: > 0 } ? string.Join(", ", reasons) : "its turn";
            columns.Add($"{device.Subsystem}:{device.SysName}", "for " + missing, device.Rule is { } rule ? "rule " + rule : "");
        }
        IEnumerable<string> lines = new[] { palette.Bold("not settled") }.Concat(columns.Lines("  ").Select(palette.Warn));
        return unsettled.Count > MostDevices
            ? lines.Append($"  and {unsettled.Count - MostDevices} more (ueventctl list --unsettled)")
            : lines;
    }

    /// <summary>The devices that are listed.</summary>
    /// <param name="unsettled">All waiting and held devices.</param>
    /// <returns>The first by devpath.</returns>
    public static IEnumerable<UeventDevice> Shown(IReadOnlyList<UeventDevice> unsettled) =>
        unsettled.OrderBy(static d => d.DevPath, StringComparer.Ordinal).Take(MostDevices);

    /// <summary>The subsystems whose events took longest since the start.</summary>
    /// <param name="lags">All subsystems.</param>
    /// <param name="palette">The colours.</param>
    /// <returns>The lines, slowest first; none if nothing was delivered.</returns>
    public static IEnumerable<string> Slowest(IReadOnlyList<DaemonLag> lags, Palette palette)
    {
        ArgumentNullException.ThrowIfNull(lags);
        ArgumentNullException.ThrowIfNull(palette);
        var columns = new Columns();
        columns.Add("SUBSYSTEM", "EVENTS", "MEAN", "99 % WITHIN");
        foreach (DaemonLag lag in lags.Where(static l => l.Events > 0).OrderByDescending(static l => l.P99Usec ?? long.MaxValue)
            .ThenByDescending(Mean).ThenBy(static l => l.Subsystem, StringComparer.Ordinal).Take(MostSubsystems))
            columns.Add(lag.Subsystem, Number(lag.Events), Milliseconds(Mean(lag)), lag.P99Usec is { } usec ? Milliseconds(usec) : "longer");
        return lags.Any(static l => l.Events > 0) ? new[] { palette.Bold("slowest subsystems") }.Concat(columns.Lines("  ")) : [];
    }

    /// <summary>How often udev announced devices before they were complete, as programs that only listen to udev see them.</summary>
    /// <param name="leads">The counts by subsystem.</param>
    /// <param name="palette">The colours.</param>
    /// <returns>The lines, the most frequent first; one line if udev was never too early, none if it announced no new device.</returns>
    public static IEnumerable<string> Early(IReadOnlyList<DaemonUdevLead> leads, Palette palette)
    {
        ArgumentNullException.ThrowIfNull(leads);
        ArgumentNullException.ThrowIfNull(palette);
        long told = leads.Sum(static l => l.Told);
        if (leads.All(static l => l.Early == 0))
            return told == 0 ? [] : [$"udev announced {Counted.Of(told, "new device")}, none of them before it was complete"];
        var columns = new Columns();
        foreach (DaemonUdevLead lead in leads.Where(static l => l.Early > 0).OrderByDescending(static l => l.Early).ThenBy(static l => l.Subsystem, StringComparer.Ordinal).Take(MostSubsystems))
            columns.Add(lead.Subsystem, $"{lead.Early} of {lead.Told} too early", lead.P99Usec is { } usec ? $"99 % complete within {Milliseconds(usec)}" : "some much later");
        return new[] { palette.Bold("new devices that udev announced before they were complete") }.Concat(columns.Lines("  "));
    }

    /// <summary>Problems since the start, with their solutions.</summary>
    /// <param name="status">The status.</param>
    /// <param name="palette">The colours.</param>
    /// <returns>The lines; none if there is no problem.</returns>
    public static IEnumerable<string> Troubles(DaemonStatus status, Palette palette)
    {
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(palette);
        long Count(string counter) => status.Counters.GetValueOrDefault(counter);
        long gaps = status.Subscribers.Sum(static s => s.Gaps);
        foreach ((long count, string text) in new (long, string)[]
        {
            (Count("overruns"), $"{Counted.Of(Count("overruns"), "time")} the kernel's buffer was full, {Counted.Of(Count("lost"), "uevent")} lost (a larger --receive-buffer)"),
            (gaps, $"{Counted.Of(gaps, "gap")} reported to present subscribers"),
            (Count("stuckReads"), $"{Counted.Of(Count("stuckReads"), "read")} of attributes blocked in a driver (listed below)"),
            (Count("looksFailed"), $"{Counted.Of(Count("looksFailed"), "look")} failed and repeated (EMFILE: raise LimitNOFILE=)"),
            (Count("looksTooLate"), $"{Counted.Of(Count("looksTooLate"), "look")} too late, by up to {Number(Count("worstLookLagUsec") / 1000)} ms, because too many devices wait at once"),
        })
        {
            if (count > 0)
                yield return palette.Warn($"  {text}");
        }
    }

    private static double Mean(DaemonLag lag) => (double)lag.SumUsec / lag.Events;

    private static string Milliseconds(double usec) => $"{(usec / 1000).ToString(usec < 10_000 ? "0.##" : "0", CultureInfo.InvariantCulture)} ms";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
