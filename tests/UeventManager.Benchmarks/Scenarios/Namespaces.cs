using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>What <c>forward</c> costs for one network namespace and for many, beside udevd, which serves one. In each namespace one client listens.</summary>
internal sealed class Namespaces(Place place, Settings settings, ContenderList contenders, Results results)
{
    private const int WarmUpEvents = 200;
    private const int GapUsec = 2_000;
    private readonly Probe _probe = new(place);
    private readonly Random _random = new(1);

    public void Run()
    {
        Directory.CreateDirectory(Place.Namespaces);
        for (var i = 0; i < ContenderList.NamespaceCounts.Max(); i++)
        {
            File.WriteAllBytes($"{Place.Namespaces}/{i}", []);
            Command.Run("unshare", [$"--net={Place.Namespaces}/{i}", "true"]);
        }
        for (var round = 1; round <= settings.Rounds; round++)
        {
            (Contender Contender, int Count)[] order = [.. contenders.Namespaces];
            _random.Shuffle(order);
            foreach (var (contender, count) in order)
            {
                Progress.Say($"round {round} of {settings.Rounds}: {contender.Name}");
                Run(contender, count);
            }
        }
    }

    // udevd's namespace is this one, and its clients hear it alone.
    private void Run(Contender contender, int count)
    {
        using var running = contender.Start();
        var (netns, daemon) = contender.IsUdev ? (null, null) : (Place.Namespaces, contender.Behind!.Source);
        _probe.Latency(contender.Source, WarmUpEvents, subscribers: count, netns: netns);
        Pause.UntilStarted();
        var passes = Enumerable.Range(0, settings.Passes).Select(_ => _probe.Latency(contender.Source, settings.Apart, GapUsec, count, netns: netns, daemon: daemon)).ToArray();
        Add(contender, "namespaces", passes, p => p.Usec);
        Add(contender, "beyond", passes, p => p.Beyond);
        results.Add(contender, "namespaces.lost", passes.Sum(p => p.Lost));
        var storm = contender.IsUdev ? settings.Storm / Comparison.ManyDivisor : settings.Storm * 10 / Math.Max(10, count);
        var cpu = running.CpuSeconds;
        var result = _probe.Storm(contender.Source, storm, Place.RealDevices, count, netns: netns);
        results.Add(contender, "namespaces.cpu", (running.CpuSeconds - cpu) * 1e6 / result.Received / count);
        results.Add(contender, "namespaces.rate", result.PerSecond);
        results.Add(contender, "namespaces.stormLost", result.Lost);
        results.Add(contender, "namespaces.pss", running.PssMib);
    }

    private void Add(Contender contender, string metric, Latencies[] passes, Func<Latencies, double[]> of)
    {
        results.Add(contender, $"{metric}.p50", Samples.Median(passes.Select(p => Samples.Median(of(p)))));
        results.Add(contender, $"{metric}.p99", Samples.Median(passes.Select(p => Samples.Quantile(of(p), 0.99))));
    }
}
