using System.Text;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Simulation;

/// <summary>
/// How often each transition of a device's life and each rule of each checker was exercised. One that never was is a
/// failure of the simulator: what it did not see proves nothing.
/// </summary>
internal sealed class Exercise
{
    /// <summary>The transitions of a device's life (docs/internals/device-life.md), as they can be seen between steps.</summary>
    public static IReadOnlyList<string> Transitions { get; } =
    [
        "unknown to Waiting", "unknown to Announced", "Waiting to Announced", "Waiting to Held", "Waiting to Dropped", "Waiting to gone",
        "Held to Announced", "Held to gone", "Dropped to Waiting", "Dropped to gone", "Announced to gone",
    ];

    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Adds what one world has exercised.</summary>
    public void Add(string what, long count) => _counts[what] = _counts.GetValueOrDefault(what) + count;

    /// <summary>What was never exercised.</summary>
    public IEnumerable<string> Missing(IEnumerable<string> wanted) => wanted.Where(what => _counts.GetValueOrDefault(what) == 0);

    /// <summary>A table for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (what, count) in _counts)
            text.Append($"{what,-50} {count,12}\n");
        return text.ToString();
    }
}

/// <summary>Watches the engine's devices between steps.</summary>
internal sealed class Lives(UeventEngine engine)
{
    private readonly Dictionary<long, DeviceState> _known = [];
    private readonly HashSet<long> _gone = [];

    /// <summary>How often each transition was seen.</summary>
    public Dictionary<string, long> Seen { get; } = [];

    public void Look()
    {
        _gone.UnionWith(_known.Keys);
        foreach (var device in engine.Devices.All())
        {
            _gone.Remove(device.Id);
            if (!_known.TryGetValue(device.Id, out var was))
                Count($"unknown to {device.State}");
            else if (was != device.State)
                Count($"{was} to {device.State}");
            _known[device.Id] = device.State;
        }
        foreach (var id in _gone)
        {
            Count($"{_known[id]} to gone");
            _known.Remove(id);
        }
        _gone.Clear();
    }

    private void Count(string transition) => Seen[transition] = Seen.GetValueOrDefault(transition) + 1;
}
