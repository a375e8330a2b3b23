using System.Diagnostics;
using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;
using UeventManager.Benchmarks.Report;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>Latency, CPU and memory against the number of devices known, rules, subscribers and devices waiting.</summary>
internal sealed class GrowthScenario(Place place, ContenderList contenders)
{
    private const int Events = 2_000;
    private const int StormEvents = 20_000;
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(3);
    private readonly Probe _probe = new(place);
    private readonly Growth _growth = new();

    public Growth Run()
    {
        foreach (var count in new[] { 10, 100, 1_000, 10_000, 100_000 })
            Known(count);
        foreach (var count in new[] { 1, 10, 100, 1_000 })
        {
            Rules("rules of its subsystem", "net", count);
            Rules("rules of other subsystems", "other", count);
        }
        foreach (var count in new[] { 1, 10, 100, 1_000 })
            Subscribers(count);
        foreach (var count in new[] { 1, 10, 100, 1_000, 10_000, 100_000 })
            Waiting(count);
        return _growth;
    }

    private void Known(int count)
    {
        Progress.Say($"growth: {count:N0} devices known");
        using var running = contenders.Daemon.Start();
        _probe.Storm(contenders.Daemon.Source, count, count, subsystem: "tty");
        Measure("devices known", count, contenders.Daemon, running, devices: count, subsystem: "tty");
    }

    // The rule that is in force comes last: all before it are asked.
    private void Rules(string of, string subsystem, int count)
    {
        Progress.Say($"growth: {count:N0} {of}");
        var directory = $"{Place.Scratch}/rules-{subsystem}-{count}";
        Directory.CreateDirectory(directory);
        var before = string.Concat(Enumerable.Range(0, count - 1).Select(i =>
            $"  - name: rule-{i}\n    match:\n      sysname: \"never-{i}-*\"\n    wait:\n      - exists: never\n"));
        if (before.Length > 0)
            File.WriteAllText($"{directory}/10-{subsystem}.yaml", $"version: 1\nsubsystem: {subsystem}\nrules:\n{before}");
        File.WriteAllText($"{directory}/90-net.yaml", "version: 1\nsubsystem: net\nrules:\n  - name: last\n    wait:\n      - exists: queues/tx-0\n");
        var contender = ContenderList.DaemonWith(place, "rules", [directory]);
        using var running = contender.Start();
        Measure(of, count, contender, running);
    }

    private void Subscribers(int count)
    {
        Progress.Say($"growth: {count:N0} subscribers");
        using var running = contenders.Daemon.Start();
        Measure("subscribers", count, contenders.Daemon, running, count);
    }

    private void Waiting(int count)
    {
        Progress.Say($"growth: {count:N0} devices waiting");
        using var tree = new FakeTree("waiting", count);
        var rules = tree.Rules("    wait:\n      - exists: never\n    timeout: 10min\n");
        Directory.CreateDirectory($"{tree.Root}/class/tty");
        var contender = ContenderList.DaemonWith(place, "waiting", [rules], tree.Root);
        using var running = contender.Start();
        // Known by the first events, whose device has no directory in that tree and no rule to wait for.
        Measure("devices waiting", count, contender, running, subsystem: "tty");
    }

    private void Measure(string of, int count, Contender contender, Running running, int subscribers = 1, int devices = Place.RealDevices, string subsystem = "net")
    {
        // Every subscriber gets every event: the more there are, the fewer events.
        var (events, storm) = (Math.Max(50, Events / subscribers), Math.Max(200, StormEvents / subscribers));
        _probe.Storm(contender.Source, Math.Max(devices, 200), devices, 1, subsystem);
        var latencies = _probe.Latency(contender.Source, events, 0, subscribers, subsystem: subsystem);
        var cpu = running.CpuSeconds;
        var result = _probe.Storm(contender.Source, storm, devices, subscribers, subsystem);
        var used = (running.CpuSeconds - cpu) * 1e6 / result.Received;
        Pause.UntilStarted();
        var (before, clock) = (running.CpuSeconds, Stopwatch.StartNew());
        Pause.For(s_rest);
        var rest = 100 * (running.CpuSeconds - before) / clock.Elapsed.TotalSeconds;
        _growth.Add(new GrowthPoint(of, count, Samples.Median(latencies.Usec), Samples.Quantile(latencies.Usec, 0.99), used, rest, running.PssMib));
    }
}
