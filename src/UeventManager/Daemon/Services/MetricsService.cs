using System.Diagnostics.Metrics;
using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// The method <c>Metrics</c>: the counters as Prometheus or OpenMetrics text. The same numbers are instruments of the meter <c>UeventManager</c>:
/// nothing is counted twice, and without a listener they cost nothing.
/// </summary>
internal sealed class MetricsService : IDisposable
{
    private const string Name = "org.ueventmanager.Devices";
    private const string Prometheus = "prometheus";
    private const string OpenMetrics = "openmetrics";
    private readonly Pipeline _pipeline;
    private readonly Meter _meter = new("UeventManager", StatusWriter.Version);
    private readonly List<Metric> _metrics = [];

    public MetricsService(Pipeline pipeline, KernelInput kernel, LookAnswerer looks, StatusWriter status, long startedUsec)
    {
        _pipeline = pipeline;
        var counters = pipeline.Engine.Counters;
        var budget = pipeline.Engine.Budget;
        Counter("received", "Uevents that the kernel sent.", () => counters.Received);
        Counter("rejected", "Datagrams from untrusted senders, and malformed ones.", () => kernel.Rejections().Sum(rejection => rejection.Value));
        Counter("delivered", "Events delivered to subscribers.", () => counters.Delivered);
        Counter("settled", "Devices announced settled.", () => counters.Settled);
        Counter("held", "Timeouts that held an event.", () => counters.Held);
        Counter("dropped", "Timeouts that dropped an event.", () => counters.Dropped);
        Counter("delivered_unsettled", "Timeouts that delivered an event unsettled.", () => counters.DeliveredUnsettled);
        Counter("timed_out", "Events that reached their timeout.", () => counters.Held + counters.Dropped + counters.DeliveredUnsettled);
        Counter("vanished", "Devices removed before they were announced.", () => counters.Vanished);
        Counter("looks", "Looks at devices.", () => counters.Looks);
        Counter("looks_deferred", "Looks that were late.", () => budget.Deferred);
        Counter("looks_too_late", "Looks that were late by more than 50 ms and a quarter of their interval.", () => budget.TooLate);
        Counter("looks_failed", "Looks that failed for lack of a descriptor or memory, and were repeated.", () => counters.LooksFailed);
        Counter("scans_incomplete", "Scans of sysfs that were incomplete, and were repeated.", () => counters.ScansIncomplete);
        Counter("overruns", "Overruns of the receive buffer for the kernel's uevents.", () => counters.Overruns);
        Counter("lost", "Uevents that the kernel dropped in overruns.", () => counters.Lost);
        Counter("udev_told", "Broadcasts of udevd.", () => counters.UdevTold);
        Counter("udev_overruns", "Overruns of the receive buffer for udevd's broadcasts.", () => counters.UdevOverruns);
        Counter("gaps", "Gaps sent to subscribers.", () => pipeline.Publisher.Gaps);
        Counter("paused_seconds", "Seconds for which reading the kernel's uevents was paused for slow subscribers.", () => pipeline.Publisher.Pace.WaitedUsec);
        Counter("connections_refused", "Connections refused at a limit.", () => status.Listener?.Refused ?? 0);
        Counter("connections_stalled", "Connections closed because their clients read nothing.", () => status.Listener?.StalledCount ?? 0);
        Counter("connections_timed_out", "Connections closed because of an unfinished request.", () => status.Listener?.HalfRequestCount ?? 0);
        Counter("connections_over_budget", "Connections closed because they held too many bytes.", () => status.Listener?.OverBudgetCount ?? 0);
        Counter("connections_failed", "Connections closed because of a bug in serving them.", () => status.Turns?.Failures ?? 0);
        Gauge("connections", "Open connections.", () => status.Listener?.Connections ?? 0);
        Gauge("stuck_reads", "Abandoned reads of attributes that have not returned.", () => looks.Stuck.Count);
        Gauge("known_devices", "Known devices.", () => pipeline.Engine.Devices.Count);
        Gauge("subscribers", "Subscribers.", () => pipeline.Publisher.Streams.Count);
        Gauge("up_seconds", "Seconds since the start.", () => Monotonic.NowUsec - startedUsec);
    }

    /// <summary>Registers the method.</summary>
    public void Register(VarlinkDispatcher dispatcher, ReadyGate gate) =>
        dispatcher.Handle($"{Name}.Metrics", gate.WhenOpen(call =>
        {
            var format = call.Text("format") ?? Prometheus;
            if (format is not (Prometheus or OpenMetrics))
                call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "format"));
            else
                call.Reply(VarlinkError.Parameter("text", Text(format == OpenMetrics)));
        }));

    /// <summary>The metrics as text.</summary>
    /// <param name="isOpenMetrics">True for OpenMetrics, false for the Prometheus text format.</param>
    public string Text(bool isOpenMetrics)
    {
        var text = new MetricsText(isOpenMetrics);
        foreach (var metric in _metrics)
            text.Write(metric);
        text.Write("uevent_manager_lag_seconds", "Seconds from the arrival of an event to its delivery.", _pipeline.Lags);
        text.Write("uevent_manager_udev_told_devices", "New devices that udev announced.", _pipeline.Leads.Rows.Select(lead => (lead.Subsystem, lead.Told)));
        text.Write("uevent_manager_udev_lead_seconds", "Seconds by which udev announced new devices before they were complete; only those.", _pipeline.Leads.Early);
        return text.End();
    }

    public void Dispose() => _meter.Dispose();

    private void Counter(string name, string help, Func<long> value)
    {
        var metric = Add(new Metric($"uevent_manager_{name}", help, true, value));
        if (metric.IsSeconds)
            _meter.CreateObservableCounter(metric.Name, () => value() / 1e6, "s", help);
        else
            _meter.CreateObservableCounter(metric.Name, value, description: help);
    }

    private void Gauge(string name, string help, Func<long> value)
    {
        var metric = Add(new Metric($"uevent_manager_{name}", help, false, value));
        if (metric.IsSeconds)
            _meter.CreateObservableGauge(metric.Name, () => value() / 1e6, "s", help);
        else
            _meter.CreateObservableGauge(metric.Name, value, description: help);
    }

    private Metric Add(Metric metric)
    {
        _metrics.Add(metric);
        return metric;
    }
}
