using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>
/// The method <c>Metrics</c>: what was counted, as OpenMetrics text. The same numbers are instruments of the meter
/// <c>UeventManager</c>: nothing is counted twice, and without a listener they cost nothing.
/// </summary>
internal sealed class MetricsService : IDisposable
{
    private const string Name = "org.ueventmanager.Devices";
    private readonly Pipeline _pipeline;
    private readonly Meter _meter = new("UeventManager", StatusWriter.Version);
    private readonly List<Metric> _metrics = [];

    public MetricsService(Pipeline pipeline, KernelInput kernel, LookAnswerer looks, StatusWriter status, long startedUsec)
    {
        _pipeline = pipeline;
        var counters = pipeline.Engine.Counters;
        var budget = pipeline.Engine.Budget;
        Counter("received", "Uevents that the kernel sent.", () => counters.Received);
        Counter("rejected", "Datagrams that were not believed or not understood.", () => kernel.Rejections().Sum(rejection => rejection.Value));
        Counter("delivered", "Events given to the subscribers.", () => counters.Delivered);
        Counter("settled", "Devices announced after a look at which everything held.", () => counters.Settled);
        Counter("held", "Timeouts that held an event.", () => counters.Held);
        Counter("dropped", "Timeouts that dropped an event.", () => counters.Dropped);
        Counter("delivered_unsettled", "Timeouts that delivered an event unsettled.", () => counters.DeliveredUnsettled);
        Counter("timed_out", "Events whose conditions did not hold in time.", () => counters.Held + counters.Dropped + counters.DeliveredUnsettled);
        Counter("vanished", "Devices that went before they were announced.", () => counters.Vanished);
        Counter("looks", "Looks at devices.", () => counters.Looks);
        Counter("looks_deferred", "Looks that came later than they were due.", () => budget.Deferred);
        Counter("looks_too_late", "Looks that came more than 50 ms and a quarter of their interval later.", () => budget.TooLate);
        Counter("looks_failed", "Looks that could not be made, for want of a descriptor or memory, and were made again.", () => counters.LooksFailed);
        Counter("scans_incomplete", "Scans of sysfs that could not read all of it, and were made again.", () => counters.ScansIncomplete);
        Counter("overruns", "Times that the kernel's receive buffer was full.", () => counters.Overruns);
        Counter("lost", "Uevents that the kernel dropped then.", () => counters.Lost);
        Counter("gaps", "Gaps that subscribers were told.", () => pipeline.Publisher.Gaps);
        Counter("paused_microseconds", "Time for which events stayed with the kernel because a subscriber that reads was far behind.", () => pipeline.Publisher.Pace.WaitedUsec);
        Counter("connections_refused", "Connections that were refused at a limit.", () => status.Listener?.Refused ?? 0);
        Counter("connections_stalled", "Connections that were closed because their clients took nothing.", () => status.Listener?.StalledCount ?? 0);
        Counter("connections_timed_out", "Connections that were closed in the middle of a request that did not go on.", () => status.Listener?.HalfRequestCount ?? 0);
        Counter("connections_over_budget", "Connections that were closed because too many bytes were held.", () => status.Listener?.OverBudgetCount ?? 0);
        Counter("connections_failed", "Connections that were closed because serving them failed by an error of the daemon's own.", () => status.Turns?.Failures ?? 0);
        Gauge("connections", "Connections that are open.", () => status.Listener?.Connections ?? 0);
        Gauge("stuck_reads", "Reads of attributes that were given up and have not returned.", () => looks.Stuck.Count);
        Gauge("known_devices", "Devices that are known.", () => pipeline.Engine.Devices.Count);
        Gauge("subscribers", "Subscribers.", () => pipeline.Publisher.Streams.Count);
        Gauge("up_seconds", "Seconds since the start.", () => (Monotonic.NowUsec - startedUsec) / 1_000_000);
    }

    /// <summary>Puts the method into the table.</summary>
    public void Register(VarlinkDispatcher dispatcher, DevicesService devices) =>
        dispatcher.Handle($"{Name}.Metrics", devices.WhenReady(call => call.Reply(VarlinkError.Parameter("text", Text()))));

    /// <summary>The numbers as OpenMetrics text.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var metric in _metrics)
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {metric.Name} {(metric.IsCounter ? "counter" : "gauge")}\n# HELP {metric.Name} {metric.Help}\n");
            text.Append(CultureInfo.InvariantCulture, $"{metric.Name}{(metric.IsCounter ? "_total" : "")} {metric.Value()}\n");
        }
        Write(text, _pipeline.Lags);
        return text.Append("# EOF\n").ToString();
    }

    public void Dispose() => _meter.Dispose();

    private void Counter(string name, string help, Func<long> value)
    {
        _metrics.Add(new Metric($"uevent_manager_{name}", help, true, value));
        _meter.CreateObservableCounter($"uevent_manager_{name}", value, description: help);
    }

    private void Gauge(string name, string help, Func<long> value)
    {
        _metrics.Add(new Metric($"uevent_manager_{name}", help, false, value));
        _meter.CreateObservableGauge($"uevent_manager_{name}", value, description: help);
    }

    private static void Write(StringBuilder text, LagHistogram lags)
    {
        const string Lag = "uevent_manager_lag_seconds";
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {Lag} histogram\n# UNIT {Lag} seconds\n# HELP {Lag} From the arrival of an event to its delivery.\n");
        foreach (var (subsystem, row) in lags.Rows)
        {
            var label = $"subsystem=\"{Escape(subsystem)}\"";
            long sum = 0;
            for (var i = 0; i < row.Buckets.Count; i++)
            {
                sum += row.Buckets[i];
                var bound = i < LagHistogram.BoundsUsec.Count ? Seconds(LagHistogram.BoundsUsec[i]) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{Lag}_bucket{{{label},le=\"{bound}\"}} {sum}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{Lag}_count{{{label}}} {sum}\n{Lag}_sum{{{label}}} {Seconds(row.SumUsec)}\n");
        }
    }

    // OpenMetrics wants a point in the bounds of buckets.
    private static string Seconds(long usec) => (usec / 1e6).ToString("0.0#####", CultureInfo.InvariantCulture);

    private static string Escape(string text) =>
        Printable.Text(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed record Metric(string Name, string Help, bool IsCounter, Func<long> Value);
}
