using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Dispatch;

/// <summary>A call that waits until devices are settled, or gone. Kept in a <see cref="Waiters"/>.</summary>
/// <param name="untilRemoved">True to wait until they are gone.</param>
/// <param name="deadlineUsec">When the time is over, CLOCK_MONOTONIC microseconds.</param>
public abstract class DeviceWait(bool untilRemoved, long deadlineUsec)
{
    /// <summary>Most lines that say what is missing.</summary>
    public const int MaxMissing = 64;

    /// <summary>True to wait until they are gone.</summary>
    public bool UntilRemoved { get; } = untilRemoved;

    /// <summary>When the time is over.</summary>
    public long DeadlineUsec { get; } = deadlineUsec;

    /// <summary>Told once when it is so, with the devices; none if they are gone. They are valid during the call.</summary>
    public required Action<IReadOnlyList<Device>> Answer { get; init; }

    /// <summary>Told once when the time is over, with what is missing.</summary>
    public required Action<IReadOnlyList<string>> Expire { get; init; }

    /// <summary>
    /// Told what is thrown while it is looked whether it is so: nobody else is concerned. Without it that is an error of the engine's.
    /// </summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Its place among those whose time is over some day.</summary>
    internal DueEntry<DeviceWait> Deadline => field ??= new DueEntry<DeviceWait>(this);

    /// <summary>True while a table has it.</summary>
    internal bool IsIn { get; set; }

    /// <summary>What is missing now, one line each, at most <see cref="MaxMissing"/>.</summary>
    public abstract IReadOnlyList<string> Missing(DeviceTree devices);

    /// <summary>Whether subscribers know a device as settled.</summary>
    public static bool IsSettled(Device device) => device is { InTree: true, State: DeviceState.Announced, Findings.Settled: true, HasUnfinishedChange: false };

    /// <summary>Why a device that is known is not settled.</summary>
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
                ? $"{device.DevPath}: a change of it is not delivered"
                : device.State == DeviceState.Dropped
                ? $"{device.DevPath}: dropped at its timeout, until its next add"
                : $"{device.DevPath}: is being looked at";
    }

    /// <summary>At most <see cref="MaxMissing"/> lines, and how many more there are.</summary>
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
