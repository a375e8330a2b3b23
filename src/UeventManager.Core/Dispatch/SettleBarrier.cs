using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The unfinished events of one moment; it is reached when all of them are delivered, annihilated, dropped or past their deadline. Later events do
/// not count. Each event is checked until it is finished.
/// </summary>
public sealed class SettleBarrier
{
    private readonly UeventEngine _engine;
    private readonly Stack<(Device Device, long Order)> _open = new();
    private readonly long _endedLooks;

    /// <summary>Collects the events that are unfinished now.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filter">Selects the devices whose events count; null for all.</param>
    /// <param name="lastSeqnum">The last SEQNUM that counts.</param>
    public SettleBarrier(UeventEngine engine, DeviceFilter? filter, long lastSeqnum)
    {
        _engine = engine;
        _endedLooks = engine.EndedLooks;
        foreach (var device in engine.Devices.All())
        {
            if (device is { Pending: { } wait, State: not DeviceState.Held } && (filter is null || filter.Wants(DeviceView.OfKnown(device))))
                Take(device, wait, lastSeqnum);
        }
    }

    /// <summary>Whether everything is finished.</summary>
    public bool IsReached()
    {
        while (_open.TryPeek(out var open) && !IsOpen(open.Device, open.Order))
            _open.Pop();
        return _open.Count == 0 && _engine.IsDrained(_endedLooks);
    }

    /// <summary>The unfinished events, one line each, at most <see cref="DeviceWait.MaxMissing"/>.</summary>
    public IReadOnlyList<string> Missing() =>
        DeviceWait.Limit(_open.Where(open => IsOpen(open.Device, open.Order)).Select(open => open.Device).Distinct().SelectMany(DeviceWait.WhyNot));

    private void Take(Device device, Pending wait, long lastSeqnum)
    {
        foreach (var pending in wait.Events)
        {
            if (!pending.TimedOut && !pending.IsLeaderChange && pending.Seqnum <= lastSeqnum)
                _open.Push((device, pending.Order));
        }
    }

    private static bool IsOpen(Device device, long order)
    {
        if (device is not { InTree: true, State: not DeviceState.Held, Pending: { } wait })
            return false;
        foreach (var pending in wait.Events)
        {
            if (pending.Order == order)
                return !pending.TimedOut;
        }
        return false;
    }
}
