using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Dispatch;

/// <summary>Waits for one device, by whatever it is called. It need not exist yet.</summary>
/// <param name="name">The name as it was given.</param>
/// <param name="resolve">
/// What the name means now, and whether it may come to mean something else: a path that does not exist may yet become a link.
/// </param>
/// <param name="untilRemoved">True to wait until it is gone.</param>
/// <param name="deadlineUsec">When the time is over, CLOCK_MONOTONIC microseconds.</param>
public sealed class NamedWait(string name, Func<(DeviceKey Key, bool IsFinal)> resolve, bool untilRemoved, long deadlineUsec)
    : DeviceWait(untilRemoved, deadlineUsec)
{
    /// <summary>What the name means, as of the last <see cref="Resolve"/>.</summary>
    internal DeviceKey Key { get; private set; }

    /// <summary>False while the name may come to mean something else.</summary>
    internal bool IsFinal { get; private set; }

    /// <summary>Its place among those that are asked again what they mean.</summary>
    internal DueEntry<NamedWait> Question => field ??= new DueEntry<NamedWait>(this);

    /// <summary>When it began.</summary>
    internal long SinceUsec { get; set; }

    /// <summary>Those that wait for the same name, while it is found by it.</summary>
    internal List<NamedWait>? Fellows { get; set; }

    /// <summary>The name that it is found by.</summary>
    internal DeviceKey IndexedBy { get; set; }

    /// <summary>Its place among them.</summary>
    internal int Place { get; set; }

    /// <summary>True if events may have been lost since it was last compared with what is known.</summary>
    internal bool IsInDoubt { get; set; }

    internal void Resolve()
    {
        try
        {
            (Key, IsFinal) = resolve();
        }
        catch (Exception e) when (Failed is not null)
        {
            (Key, IsFinal) = (new DeviceKey(DeviceKeyKind.Name, name), true);
            Failed(e);
        }
    }

    /// <summary>The devices to answer with; null if it is not so yet.</summary>
    /// <param name="device">What the name means among the known devices.</param>
    internal IReadOnlyList<Device>? Check(Device? device)
    {
        if (UntilRemoved)
            return device is null ? [] : null;
        return device is not null && IsSettled(device) ? [device] : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Missing(DeviceTree devices)
    {
        if (Key.Find(devices) is not { } device)
            return [$"{name}: no such device"];
        return UntilRemoved ? [$"{device.DevPath}: still there"] : Limit(WhyNot(device));
    }
}
