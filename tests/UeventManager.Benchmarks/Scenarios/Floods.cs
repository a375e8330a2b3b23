using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>How late an event comes to one user while another floods the daemon, in each way.</summary>
internal sealed class Floods(Place place, Settings settings, ContenderList contenders, Results results)
{
    private const int GapUsec = 2_000;
    private readonly Probe _probe = new(place);

    public void Run()
    {
        using var running = contenders.Daemon.Start();
        Pause.UntilStarted();
        foreach (var what in Flood.Ways.Keys)
        {
            Progress.Say($"a flood of {what} from another user");
            for (var pass = 0; pass < settings.Passes; pass++)
            {
                using var flood = new Flood(contenders.Daemon.Socket!, what);
                var latencies = _probe.Latency(contenders.Daemon.Source, settings.BackToBack, GapUsec);
                results.Add(contenders.Daemon, $"flood.{what}.p99", Samples.Quantile(latencies.Usec, 0.99));
                results.Add(contenders.Daemon, $"flood.{what}.lost", latencies.Lost);
            }
        }
    }
}
