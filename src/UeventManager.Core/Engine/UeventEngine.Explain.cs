using UeventManager.Core.History;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>CLOCK_REALTIME in microseconds, for display only: the edge sets it in each wake-up, and no decision depends on it.</summary>
    public long RealtimeUsec
    {
        get => _history.RealtimeUsec;
        set
        {
            Tap?.Realtime(value);
            _history.RealtimeUsec = value;
        }
    }

    /// <summary>The last removed devices, newest first; at most 1,024.</summary>
    public IEnumerable<GoneDevice> Gone => _history.Gone;

    /// <summary>Allocates the memory for the history in advance, before a storm needs it.</summary>
    public void Reserve() => _history.Reserve();

    /// <summary>Explains a known device.</summary>
    public Explanation Explain(Device device) => _history.Explain(device, _rules) with { Udev = UdevOf(device) };

    /// <summary>Explains a removed device.</summary>
    public Explanation Explain(in GoneDevice gone) => _history.Explain(gone, _rules);

    /// <summary>The device that keeps a device's events, and the reason.</summary>
    public static Hold HoldOf(Device device) => DeviceHistory.HoldOf(device);

    /// <summary>The reasons besides its own conditions why a device's events wait, one line each; empty if there is none.</summary>
    public static IReadOnlyList<string> WaitsFor(Device device) => DeviceHistory.WaitsFor(device);

    /// <summary>The conditions that a waiting device, or a waiting change, still misses, as the last look saw them; empty if none.</summary>
    public static IReadOnlyList<string> MissingOf(Device device) => DeviceHistory.MissingOf(device);
}
