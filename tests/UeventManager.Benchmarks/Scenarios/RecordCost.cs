using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>What a storm loses while everything that the daemon's engine is told is recorded: the same daemon with and without, by turns.</summary>
internal sealed class RecordCost(Place place, Settings settings, ContenderList contenders)
{
    private const int WarmUpEvents = 200;
    private readonly Probe _probe = new(place);
    private readonly Dictionary<bool, List<double>> _cpu = [];

    public void Run()
    {
        foreach (var contender in new[] { contenders.Daemon, contenders.Looking })
        {
            (_cpu[false], _cpu[true]) = ([], []);
            var (without, with) = (new List<double>(), new List<double>());
            for (var round = 0; round < settings.Rounds; round++)
            {
                Progress.Say($"round {round + 1} of {settings.Rounds}: {contender.Name}");
                // Whoever is second finds warmer caches.
                foreach (var isRecorded in round % 2 == 0 ? new[] { false, true } : [true, false])
                    (isRecorded ? with : without).Add(Storm(contender, isRecorded));
            }
            var cpu = Samples.Median(_cpu[true]) / Samples.Median(_cpu[false]);
            var ratios = with.Zip(without, (one, other) => one / other).ToList();
            Console.WriteLine($"{contender.Name}: {Samples.Median(without):N0} events a second, recorded {Samples.Median(with):N0}: {Samples.Median(ratios):0.000} x; CPU of the daemon an event {Samples.Median(_cpu[false]):0.00} and {Samples.Median(_cpu[true]):0.00} us: {cpu:0.000} x (rounds: {string.Join(' ', ratios.Order().Select(ratio => ratio.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)))})");
        }
    }

    private double Storm(Contender contender, bool isRecorded)
    {
        var file = $"{Place.Scratch}/recording";
        File.Delete(file);
        using var running = contender.Start();
        _probe.Latency(contender.Source, WarmUpEvents);
        Pause.UntilStarted();
        using var recorder = isRecorded ? new Running(Command.Start(place.Ueventctl, ["record", "--daemon", "--socket", contender.Socket!, "-o", file])) : null;
        if (isRecorded)
            Pause.Until(() => File.Exists(file) && new FileInfo(file).Length > 0, "record");
        var before = running.CpuSeconds;
        var storm = _probe.Storm(contender.Source, settings.Storm, Place.RealDevices);
        _cpu[isRecorded].Add((running.CpuSeconds - before) * 1e6 / storm.Received);
        if (storm.Lost > 0)
            Progress.Say($"{storm.Lost} events were lost");
        return storm.PerSecond;
    }
}
