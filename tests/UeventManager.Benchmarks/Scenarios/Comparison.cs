using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>All contenders on the same events, one after another in each round, in random order.</summary>
internal sealed class Comparison(Place place, Settings settings, ContenderList contenders, Results results)
{
    /// <summary>What a storm over many devices is divided by where it is made shorter.</summary>
    public const int ManyDivisor = 5;

    /// <summary>The same on one device.</summary>
    public const int OneDivisor = 20;

    private const int WarmUpEvents = 200;
    private static readonly int[] Subscribers = [10, 100];
    private readonly Probe _probe = new(place);
    private readonly Random _random = new(1);

    public void Run()
    {
        for (var round = 1; round <= settings.Rounds; round++)
        {
            var order = contenders.All.ToArray();
            _random.Shuffle(order);
            foreach (var contender in order)
            {
                Progress.Say($"round {round} of {settings.Rounds}: {contender.Name}");
                Run(contender);
            }
        }
    }

    private void Run(Contender contender)
    {
        using var running = contender.Start();
        results.Add(contender, "pssIdle", running.PssMib);
        results.Add(contender, "first", _probe.Latency(contender.Source, 1).Usec.FirstOrDefault(double.NaN));
        _probe.Latency(contender.Source, WarmUpEvents);
        Pause.UntilStarted();
        Latency(contender, "backToBack", settings.BackToBack, 0);
        Latency(contender, "apart", settings.Apart, 2_000);
        Storms(contender, running);
        if (contender.ServesMany)
            Many(contender);
    }

    private void Latency(Contender contender, string metric, int count, int gapUsec)
    {
        var passes = Enumerable.Range(0, settings.Passes).Select(_ => _probe.Latency(contender.Source, count, gapUsec)).ToArray();
        results.Add(contender, $"{metric}.p50", Samples.Median(passes.Select(p => Samples.Median(p.Usec))));
        results.Add(contender, $"{metric}.p99", Samples.Median(passes.Select(p => Samples.Quantile(p.Usec, 0.99))));
        results.Add(contender, $"{metric}.lost", passes.Sum(p => p.Lost));
        results.AddLatencies(contender, metric, passes.SelectMany(p => p.Usec));
    }

    private void Storms(Contender contender, Running running)
    {
        var isShorter = contender.IsSlow || (contender.IsUdev && !settings.UdevWholeStorm);
        var many = isShorter ? settings.Storm / ManyDivisor : settings.Storm;
        var one = isShorter ? settings.Storm / OneDivisor : settings.Storm;
        var cpu = running.CpuSeconds;
        var thousand = Storm(contender, "storm1000", many, Place.RealDevices);
        results.Add(contender, "cpu", (running.CpuSeconds - cpu) * 1e6 / thousand.Received);
        Storm(contender, "storm1", one, 1);
        Storm(contender, "storm100000", many, 100_000, "tty");
    }

    private StormResult Storm(Contender contender, string metric, int count, int devices, string subsystem = "net")
    {
        var storm = _probe.Storm(contender.Source, count, devices, subsystem: subsystem);
        results.Add(contender, $"{metric}.rate", storm.PerSecond);
        results.Add(contender, $"{metric}.lost", storm.Lost);
        return storm;
    }

    // Every subscriber gets every event: a storm to a hundred has a tenth of the events.
    private void Many(Contender contender)
    {
        foreach (var subscribers in Subscribers)
        {
            var latencies = _probe.Latency(contender.Source, settings.BackToBack, 0, subscribers);
            results.Add(contender, $"to{subscribers}.p50", Samples.Median(latencies.Usec));
            results.Add(contender, $"to{subscribers}.p99", Samples.Quantile(latencies.Usec, 0.99));
            var storm = _probe.Storm(contender.Source, settings.Storm * 10 / subscribers, Place.RealDevices, subscribers);
            results.Add(contender, $"to{subscribers}.rate", storm.PerSecond);
            results.Add(contender, $"to{subscribers}.lost", storm.Lost);
        }
    }
}
