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
        Counter("udev_told", "Broadcasts of udevd.", () => counters.UdevTold);
        Counter("udev_overruns", "Times that broadcasts of udevd were lost.", () => counters.UdevOverruns);
        Counter("gaps", "Gaps that subscribers were told.", () => pipeline.Publisher.Gaps);
        Counter("paused_seconds", "Seconds for which events stayed with the kernel because a subscriber that reads was far behind.", () => pipeline.Publisher.Pace.WaitedUsec);
        Counter("connections_refused", "Connections that were refused at a limit.", () => status.Listener?.Refused ?? 0);
        Counter("connections_stalled", "Connections that were closed because their clients took nothing.", () => status.Listener?.StalledCount ?? 0);
        Counter("connections_timed_out", "Connections that were closed in the middle of a request that did not go on.", () => status.Listener?.HalfRequestCount ?? 0);
        Counter("connections_over_budget", "Connections that were closed because too many bytes were held.", () => status.Listener?.OverBudgetCount ?? 0);
        Counter("connections_failed", "Connections that were closed because serving them failed by an error of the daemon's own.", () => status.Turns?.Failures ?? 0);
        Gauge("connections", "Connections that are open.", () => status.Listener?.Connections ?? 0);
        Gauge("stuck_reads", "Reads of attributes that were given up and have not returned.", () => looks.Stuck.Count);
        Gauge("known_devices", "Devices that are known.", () => pipeline.Engine.Devices.Count);
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
        text.Write("uevent_manager_udev_told_devices", "New devices that udev told everybody of.", _pipeline.Leads.Rows.Select(lead => (lead.Subsystem, lead.Told)));
        text.Write("uevent_manager_udev_lead_seconds", "For how long new devices were not complete when udev told everybody of them, those alone.", _pipeline.Leads.Early);
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
