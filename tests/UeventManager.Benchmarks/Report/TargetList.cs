using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;
using static UeventManager.Benchmarks.Report.Target;

namespace UeventManager.Benchmarks.Report;

/// <summary>The targets, held against what was measured.</summary>
internal sealed class TargetList(Settings settings, ContenderList contenders, Results results)
{
    private readonly Contender _c = contenders.MinimalC;
    private readonly Contender _udev = contenders.UdevNone;

    public IReadOnlyList<Target> All() => [.. settings.Comparison ? Comparison() : [], .. settings.Namespaces ? Namespaces() : []];

    private IEnumerable<Target> Comparison() => [.. Compared(contenders.Daemon, ""), .. Compared(contenders.Shipped, " (shipped rules)"), .. Compared(contenders.Looking, " (each event looked at)"), .. Forwarded(), .. Many(), .. Long(), .. Lag(), .. Floods(), .. Alone()];

    private IEnumerable<Target> Compared(Contender ours, string suffix)
    {
        foreach (var (metric, words) in new[] { ("backToBack", "back to back"), ("apart", "2 ms apart") })
        {
            yield return Ratio($"latency p50, {words}{suffix}", ours, _c, $"{metric}.p50", 1.3, "µs");
            yield return Ratio($"latency p50, {words}{suffix}", ours, _udev, $"{metric}.p50", 0.5, "µs");
            yield return Ratio($"latency p99, {words}{suffix}", ours, _c, $"{metric}.p99", 1.5, "µs");
        }
        yield return AtMost($"first event after start{suffix}", results.Median(ours, "first") / 1000, 0.6, " ms");
        yield return RatioAtLeast($"storm over 1,000 devices{suffix}", ours, _c, "storm1000.rate", 0.8);
        yield return RatioAtLeast($"storm over 1,000 devices{suffix}", ours, _udev, "storm1000.rate", 5);
        yield return RatioAtLeast($"storm on one device{suffix}", ours, _udev, "storm1.rate", 50);
        yield return Ratio($"CPU per event in the storm{suffix}", ours, _c, "cpu", 1.7, "µs");
        yield return Ratio($"CPU per event in the storm{suffix}", ours, _udev, "cpu", 0.15, "µs");
    }

    private IEnumerable<Target> Forwarded()
    {
        var ours = contenders.Forwarded;
        yield return Ratio("CPU per event in the storm (forwarded to libudev)", ours, _udev, "cpu", 0.15, "µs");
    }

    // Namespaces are told one after another, so of a hundred the last one's latency is mostly that of the others' messages.
    private IEnumerable<Target> Namespaces()
    {
        foreach (var count in ContenderList.NamespaceCounts)
        {
            var ours = contenders.ForwardedTo(count);
            yield return AtMost($"CPU per event and namespace in the storm ({ours.Name})", results.Median(ours, "namespaces.cpu"), 15, " µs");
            if (count < 100)
                yield return AtMost($"latency p50 beyond the daemon, 2 ms apart ({ours.Name})", results.Median(ours, "beyond.p50"), 100, " µs", $"p99: {Number(results.Median(ours, "beyond.p99"))}");
        }
    }

    private IEnumerable<Target> Many() =>
        [RatioAtLeast("storm to ten subscribers", contenders.Daemon, _c, "to10.rate", 1)];

    private IEnumerable<Target> Long()
    {
        var ours = contenders.Daemon;
        yield return AtMost($"lost of {settings.LongStorm:N0} events", results.Median(ours, "long.lost"), 0, "", Detail("gaps", ours, "long.gaps"));
        yield return AtMost("memory (PSS) idle after start, the machine's own devices", results.Median(ours, "pssStart"), 32, " MiB", $"with 1,000 interfaces more: {Number(results.Median(ours, "pssIdle"))}");
        yield return AtMost($"memory (PSS), peak of {settings.LongStorm:N0} events", results.Median(ours, "pssPeak"), 64, " MiB");
        yield return AtMost($"garbage collections in {settings.LongStorm:N0} events", results.Median(ours, "long.collections"), 5, "");
    }

    private IEnumerable<Target> Lag()
    {
        foreach (var wait in settings.LagWaitsUsec)
        {
            var (p50, p99) = (Math.Max(0.5, wait * 0.05 / 1000), Math.Max(2, wait * 0.15 / 1000));
            var lost = results.Median("UeventManager", $"lag{wait}.lost");
            yield return AtMost($"lag p50 after a wait of {Number(wait / 1000.0)} ms", results.Median("UeventManager", $"lag{wait}.p50") / 1000, p50, " ms", lost > 0 ? $"{lost} lost" : "");
            yield return AtMost($"lag p99 after a wait of {Number(wait / 1000.0)} ms", results.Median("UeventManager", $"lag{wait}.p99") / 1000, p99, " ms");
        }
    }

    private IEnumerable<Target> Floods()
    {
        foreach (var what in Flood.Ways.Keys)
            yield return AtMost($"latency p99 in another user's flood of {what}", results.Median(contenders.Daemon, $"flood.{what}.p99") / 1000, 5, " ms", Detail("lost", contenders.Daemon, $"flood.{what}.lost"));
    }

    private IEnumerable<Target> Alone()
    {
        var ours = contenders.Daemon;
        yield return AtMost("CPU when nothing happens", results.Median(ours, "idleCpu"), 0.05, " %");
        yield return AtMost("CPU while 10,000 devices are held", results.Median(ours, "heldCpu"), 2, " % of one core");
        yield return AtMost("start to READY, the machine's own devices", results.Median(ours, "start"), 100, " ms", Detail("devices", ours, "start.devices"));
        yield return AtMost("start to READY, 20,000 devices", results.Median(ours, "start20000"), 1_500, " ms", Detail("devices", ours, "start20000.devices"));
        foreach (var command in new[] { "list", "info", "wait" })
            yield return AtMost($"ueventctl {command}, wall", results.Median(ours, $"command.{command}"), 45, " ms");
    }

    private string Detail(string name, Contender ours, string metric) =>
        results.Median(ours, metric) is var value && double.IsNaN(value) ? "" : $"{name}: {Number(value)}";

    private Target Ratio(string what, Contender ours, Contender theirs, string metric, double limit, string unit) =>
        AtMost(what, results.Ratio(ours, theirs, metric), limit, $" × {theirs.Name}", $"{Number(results.Median(ours, metric))} : {Number(results.Median(theirs, metric))} {unit}");

    private Target RatioAtLeast(string what, Contender ours, Contender theirs, string metric, double limit) =>
        AtLeast(what, results.Ratio(ours, theirs, metric), limit, $" × {theirs.Name}", $"{Number(results.Median(ours, metric))} : {Number(results.Median(theirs, metric))} /s");
}
