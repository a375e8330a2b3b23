using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Dispatch;

/// <summary>A call that waits until devices are settled, or removed. Kept in a <see cref="Waiters"/>.</summary>
/// <param name="untilRemoved">True to wait until the devices are removed.</param>
/// <param name="deadlineUsec">The deadline, in CLOCK_MONOTONIC microseconds.</param>
public abstract class DeviceWait(bool untilRemoved, long deadlineUsec)
{
    /// <summary>The most lines about missing conditions.</summary>
    public const int MaxMissing = 64;

    /// <summary>True to wait until the devices are removed.</summary>
    public bool UntilRemoved { get; } = untilRemoved;

    /// <summary>The deadline, in CLOCK_MONOTONIC microseconds.</summary>
    public long DeadlineUsec { get; } = deadlineUsec;

    /// <summary>Called once when the wait is fulfilled, with the devices; none if they were removed. They are valid during the call.</summary>
    public required Action<IReadOnlyList<Device>> Answer { get; init; }

    /// <summary>Called once at the deadline, with the missing conditions.</summary>
    public required Action<IReadOnlyList<string>> Expire { get; init; }

    /// <summary>
    /// Called with an exception from this wait's own check, which then affects no other wait. Without it, the exception counts as an error of the
    /// engine.
    /// </summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>The entry in the heap of deadlines.</summary>
    internal DueEntry<DeviceWait> Deadline => field ??= new DueEntry<DeviceWait>(this);

    /// <summary>The time at which it began.</summary>
    internal long SinceUsec { get; set; }

    /// <summary>True while a <see cref="Waiters"/> contains it.</summary>
    internal bool IsIn { get; set; }

    /// <summary>The present reasons to wait, one line each, at most <see cref="MaxMissing"/>.</summary>
    public abstract IReadOnlyList<string> Missing(DeviceTree devices);

    /// <summary>Whether a device is announced as settled, without an undelivered event.</summary>
    public static bool IsSettled(Device device) => IsSettled(device, long.MaxValue);

    /// <summary>Whether a device is settled for a call that began at a time (<see cref="Device.HasUnfinishedAt"/>).</summary>
    internal static bool IsSettled(Device device, long askedUsec) =>
        device is { InTree: true, State: DeviceState.Announced, Findings.Settled: true } && !device.HasUnfinishedAt(askedUsec);

    /// <summary>The reasons why a known device is not settled.</summary>
    internal static IEnumerable<string> WhyNot(Device device)
    {
        var any = false;
        foreach (var text in MissingOf(device))
        {
            any = true;
            yield return $"{device.DevPath}: {text}";
        }
        if (any)
            yield break;
        foreach (var reason in UeventEngine.WaitsFor(device))
        {
            any = true;
            yield return $"{device.DevPath}: waits for {reason}";
        }
        if (!any)
            yield return device.State == DeviceState.Announced
                ? $"{device.DevPath}: an event is not delivered yet"
                : device.State == DeviceState.Dropped
                ? $"{device.DevPath}: dropped at its timeout, until its next add"
                : $"{device.DevPath}: a look is in progress";
    }

    /// <summary>At most <see cref="MaxMissing"/> lines; the last one may count the others.</summary>
    public static List<string> Limit(IEnumerable<string> lines)
    {
        var kept = new List<string>();
        var more = 0;
        foreach (var line in lines)
        {
            if (kept.Count < MaxMissing - 1)
                kept.Add(line);
            else
                more++;
        }
        if (more > 0)
            kept.Add($"and {more} more");
        return kept;
    }

    private static IReadOnlyList<string> MissingOf(Device device) =>
        device is { State: DeviceState.Announced, Findings: { Settled: false, Missing: { } delivered } } ? delivered : UeventEngine.MissingOf(device);
}
