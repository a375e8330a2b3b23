using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>A million events: who loses how many, how much memory it takes, and how often the garbage collector runs.</summary>
internal sealed class LongStorm(Place place, Settings settings, ContenderList contenders, Results results)
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(50);
    private readonly Probe _probe = new(place);

    public void Run()
    {
        Contender[] all = settings.UdevLongStorm ? [contenders.Daemon, contenders.MinimalC, contenders.UdevNone] : [contenders.Daemon, contenders.MinimalC];
        foreach (var contender in all)
        {
            Progress.Say($"{settings.LongStorm:N0} events: {contender.Name}");
            Run(contender);
        }
    }

    private void Run(Contender contender)
    {
        using var running = contender.Start();
        var before = contender.Socket is { } socket ? DaemonStatus.Counter(socket, "gcCollections") : null;
        var storm = Task.Run(() => _probe.Storm(contender.Source, settings.LongStorm, Place.RealDevices));
        double peak = 0;
        while (!storm.IsCompleted)
        {
            peak = Math.Max(peak, running.PssMib);
            Pause.For(s_between);
        }
        results.Add(contender, "long.lost", storm.Result.Lost);
        results.Add(contender, "long.gaps", storm.Result.Gaps);
        results.Add(contender, "long.rate", storm.Result.PerSecond);
        results.Add(contender, "long.sendRate", storm.Result.Sent / storm.Result.SendSeconds);
        results.Add(contender, "pssPeak", peak);
        if (before is { } collections && contender.Socket is { } status)
            results.Add(contender, "long.collections", DaemonStatus.Counter(status, "gcCollections")!.Value - collections);
    }
}
