using UeventManager.Core.Dispatch;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// A call of <c>Settle</c>: first everything that was queued in the kernel's socket at the call is stepped, then the unfinished events are waited
/// for. Datagrams that came after the call may be stepped in between: if sysfs shows the last SEQNUM at the call (<c>kernel/uevent_seqnum</c>), their
/// events do not count; otherwise they do, and there are at most as many as the socket could hold at the call. A loss of events that is not repaired
/// yet is waited for.
/// </summary>
internal sealed class PendingSettle(VarlinkCall call, DeviceFilter? filter, long deadlineUsec, DrainMark mark, long lastSeqnum)
{
    private SettleBarrier? _barrier;

    /// <summary>The call.</summary>
    public VarlinkCall Call { get; } = call;

    /// <summary>The deadline, in CLOCK_MONOTONIC microseconds.</summary>
    public long DeadlineUsec { get; } = deadlineUsec;

    /// <summary>Whether everything is finished.</summary>
    public bool IsReached(UeventEngine engine, KernelInput kernel)
    {
        if (_barrier is null && kernel.IsPast(mark) && !engine.IsReconciling)
            _barrier = new SettleBarrier(engine, filter, lastSeqnum);
        return _barrier?.IsReached() == true;
    }

    /// <summary>The unfinished events.</summary>
    public IReadOnlyList<string> Missing() => _barrier?.Missing() ?? ["uevents of the kernel's that are not read yet"];
}
