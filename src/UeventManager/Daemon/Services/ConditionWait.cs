using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>A call of <c>Wait</c> with conditions: first the devices must be settled, then looks must find that the conditions hold.</summary>
/// <param name="call">The call.</param>
/// <param name="conditions">The conditions.</param>
/// <param name="count">The number of devices for which they must hold.</param>
/// <param name="deadlineUsec">The deadline.</param>
internal sealed class ConditionWait(VarlinkCall call, ConditionSet conditions, int count, long deadlineUsec)
{
    /// <summary>The most devices of one look.</summary>
    public const int MaxDevices = 256;

    /// <summary>The call.</summary>
    public VarlinkCall Call { get; } = call;

    /// <summary>The conditions.</summary>
    public ConditionSet Conditions { get; } = conditions;

    /// <summary>The number of devices for which they must hold.</summary>
    public int Count { get; } = count;

    /// <summary>The deadline, in CLOCK_MONOTONIC microseconds.</summary>
    public long DeadlineUsec { get; } = deadlineUsec;

    /// <summary>Creates the wait for settled devices, which comes before each look.</summary>
    public required Func<Action<IReadOnlyList<Device>>, DeviceWait> First { get; init; }

    /// <summary>That wait, until it is fulfilled.</summary>
    public DeviceWait? Settling { get; set; }

    /// <summary>The look under way.</summary>
    public ConditionJob? Looking { get; set; }

    /// <summary>The time of the first look.</summary>
    public long SinceUsec { get; set; }

    /// <summary>The time of the next look.</summary>
    public long DueUsec { get; set; } = long.MaxValue;

    /// <summary>The missing conditions of the last look.</summary>
    public IReadOnlyList<string> Missing { get; set; } = [.. conditions.Texts.Select(text => $"{text} (not looked at yet)")];
}
