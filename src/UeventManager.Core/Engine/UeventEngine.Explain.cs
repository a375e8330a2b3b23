using UeventManager.Core.History;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>CLOCK_REALTIME in microseconds, for people: set by the edge in each wake-up, it decides nothing.</summary>
    public long RealtimeUsec
    {
        get => _history.RealtimeUsec;
        set
        {
            Tap?.Realtime(value);
            _history.RealtimeUsec = value;
        }
    }

    /// <summary>The last devices that went, newest first; at most 1,024.</summary>
    public IEnumerable<GoneDevice> Gone => _history.Gone;

    /// <summary>Takes the memory for what happens at once, before a storm does.</summary>
    public void Reserve() => _history.Reserve();

    /// <summary>Explains a device that is known.</summary>
    public Explanation Explain(Device device) => _history.Explain(device, _rules) with { Udev = UdevOf(device) };

    /// <summary>Explains one that has gone.</summary>
    public Explanation Explain(in GoneDevice gone) => _history.Explain(gone, _rules);

    /// <summary>Which other device keeps a device's events, and why.</summary>
    public static Hold HoldOf(Device device) => DeviceHistory.HoldOf(device);

    /// <summary>What keeps a device's events besides their own conditions, one line each; empty if nothing does.</summary>
    public static IReadOnlyList<string> WaitsFor(Device device) => DeviceHistory.WaitsFor(device);

    /// <summary>What a device that waits still misses, or a change of one that is announced, as the last look saw it; empty if nothing.</summary>
    public static IReadOnlyList<string> MissingOf(Device device) => DeviceHistory.MissingOf(device);
}
