using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>How long after the attribute the event comes: a thousand devices, arrivals spread over a second.</summary>
internal sealed class Lag(Place place, Settings settings, Results results)
{
    private const int Devices = 1_000;
    private const int SpreadUsec = 1_000_000;
    private readonly Probe _probe = new(place);

    public void Run()
    {
        foreach (var wait in settings.LagWaitsUsec)
        {
            for (var round = 0; round < settings.LagRounds; round++)
            {
                Progress.Say($"lag: {Devices:N0} devices wait {wait / 1000.0} ms each");
                Run(wait);
            }
        }
    }

    private void Run(int waitUsec)
    {
        using var tree = new FakeTree("lag", 0);
        var rules = tree.Rules("    wait:\n      - exists: ready\n    timeout: 60s\n");
        var contender = ContenderList.DaemonWith(place, "UeventManager", [rules], tree.Root);
        using var running = contender.Start();
        var cpu = running.CpuSeconds;
        var lags = _probe.Lag(contender.Source, tree.Root, Devices, waitUsec, SpreadUsec);
        results.Add(contender, $"lag{waitUsec}.p50", Samples.Median(lags.Usec));
        results.Add(contender, $"lag{waitUsec}.p99", Samples.Quantile(lags.Usec, 0.99));
        results.Add(contender, $"lag{waitUsec}.lost", lags.Lost + lags.Early);
        results.Add(contender, $"lag{waitUsec}.cpu", running.CpuSeconds - cpu);
    }
}
