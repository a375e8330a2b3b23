using System.Diagnostics;

namespace UeventManager.Tests.Simulation;

/// <summary>What many worlds came to together. Several threads add to it.</summary>
internal sealed class Tally(string name, bool speaks)
{
    private const double SecondsBetweenLines = 5;

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private double _spokenAt;
    private long _worlds;
    private long _events;
    private long _races;
    private long _behindLooks;
    private long _conflicts;
    private long _violations;

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Devices that were removed while their add waited, was looked at or drained.</summary>
    public long Races => Interlocked.Read(ref _races);

    /// <summary>What they exercised.</summary>
    public Exercise Exercise { get; } = new();

    public void Add(Simulator simulator)
    {
        lock (_lock)
        {
            _worlds++;
            _events += simulator.Events;
            Interlocked.Add(ref _races, simulator.Races);
            _behindLooks += simulator.RacesBehindLooks;
            _conflicts += simulator.Conflicts;
            foreach (var (what, count) in simulator.Exercised)
                Exercise.Add(what, count);
            if (!speaks || Elapsed.TotalSeconds < _spokenAt + SecondsBetweenLines)
                return;
            _spokenAt = Elapsed.TotalSeconds;
        }
        Console.WriteLine($"  {this}");
    }

    /// <summary>A world broke a rule.</summary>
    public void AddViolation() => Interlocked.Increment(ref _violations);

    public override string ToString() =>
        $"{name}: {_worlds:N0} worlds, {_events:N0} events, {_races:N0} create/remove races ({_behindLooks:N0} right behind a look, "
        + $"{_races / Math.Max(0.001, Elapsed.TotalSeconds):N0} a second), {_conflicts:N0} conflicts, {Interlocked.Read(ref _violations):N0} violations";
}
