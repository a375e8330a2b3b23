using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>A call of <c>Wait</c> with conditions: first the devices must be settled, then looks must find that the conditions hold.</summary>
/// <param name="call">The call.</param>
/// <param name="conditions">The conditions.</param>
/// <param name="count">Of how many devices they must hold.</param>
/// <param name="deadlineUsec">When its time is over.</param>
internal sealed class ConditionWait(VarlinkCall call, ConditionSet conditions, int count, long deadlineUsec)
{
    /// <summary>Most devices that one look is at.</summary>
    public const int MaxDevices = 256;

    /// <summary>The call.</summary>
    public VarlinkCall Call { get; } = call;

    /// <summary>The conditions.</summary>
    public ConditionSet Conditions { get; } = conditions;

    /// <summary>Of how many devices they must hold.</summary>
    public int Count { get; } = count;

    /// <summary>When its time is over.</summary>
    public long DeadlineUsec { get; } = deadlineUsec;

    /// <summary>Makes the wait for settled devices that comes first, each time.</summary>
    public required Func<Action<IReadOnlyList<Device>>, DeviceWait> First { get; init; }

    /// <summary>That wait, while it is not over.</summary>
    public DeviceWait? Settling { get; set; }

    /// <summary>The look that is being made.</summary>
    public ConditionJob? Looking { get; set; }

    /// <summary>When it began to look.</summary>
    public long SinceUsec { get; set; }

    /// <summary>When it looks again.</summary>
    public long DueUsec { get; set; } = long.MaxValue;

    /// <summary>What the last look found missing.</summary>
    public IReadOnlyList<string> Missing { get; set; } = [.. conditions.Texts.Select(text => $"{text} (not looked at yet)")];
}
