using System.Diagnostics;
using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>What the daemon costs when nothing happens, and while it holds ten thousand devices.</summary>
internal sealed class Quiet(Place place, Settings settings, ContenderList contenders, Results results)
{
    private const int HeldDevices = 10_000;

    public void Run()
    {
        Progress.Say($"CPU when nothing happens, {settings.IdleSeconds} s");
        using (var running = contenders.Daemon.Start())
            results.Add(contenders.Daemon, "idleCpu", CpuPercent(running, settings.IdleSeconds));
        Progress.Say($"CPU while {HeldDevices:N0} devices are held, {settings.HeldSeconds} s");
        using var tree = new FakeTree("held", HeldDevices);
        var rules = tree.Rules("    wait:\n      - exists: never\n    timeout: 500ms\n");
        var contender = ContenderList.DaemonWith(place, "UeventManager", [rules], tree.Root);
        using var holding = contender.Start();
        Pause.Until(() => DaemonStatus.Of(contender.Socket!).GetProperty("held").GetInt32() == HeldDevices, "all devices are held");
        results.Add(contender, "heldCpu", CpuPercent(holding, settings.HeldSeconds));
        results.Add(contender, "heldPss", holding.PssMib);
    }

    private static double CpuPercent(Running running, int seconds)
    {
        Pause.UntilStarted();
        var (before, clock) = (running.CpuSeconds, Stopwatch.StartNew());
        Pause.For(TimeSpan.FromSeconds(seconds));
        return 100 * (running.CpuSeconds - before) / clock.Elapsed.TotalSeconds;
    }
}
