using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Dispatch;

/// <summary>Waits for one device by any of its names. The device need not exist yet.</summary>
/// <param name="name">The name as given.</param>
/// <param name="resolve">Returns the present meaning of the name, and whether it is final: a path that does not exist may yet become a link.</param>
/// <param name="untilRemoved">True to wait until the device is removed.</param>
/// <param name="deadlineUsec">The deadline, in CLOCK_MONOTONIC microseconds.</param>
public sealed class NamedWait(string name, Func<(DeviceKey Key, bool IsFinal)> resolve, bool untilRemoved, long deadlineUsec)
    : DeviceWait(untilRemoved, deadlineUsec)
{
    /// <summary>The meaning of the name at the last <see cref="Resolve"/>.</summary>
    internal DeviceKey Key { get; private set; }

    /// <summary>False while the meaning of the name may change.</summary>
    internal bool IsFinal { get; private set; }

    /// <summary>The entry in the heap of names to resolve again.</summary>
    internal DueEntry<NamedWait> Question => field ??= new DueEntry<NamedWait>(this);

    /// <summary>The waits for the same name, while it is in the index.</summary>
    internal List<NamedWait>? Fellows { get; set; }

    /// <summary>The name under which it is in the index.</summary>
    internal DeviceKey IndexedBy { get; set; }

    /// <summary>Its place among <see cref="Fellows"/>.</summary>
    internal int Place { get; set; }

    /// <summary>True if events may have been lost since its last check.</summary>
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

    /// <summary>The devices of the answer; null if the wait is not fulfilled.</summary>
    /// <param name="device">The known device of that name, or null.</param>
    internal IReadOnlyList<Device>? Check(Device? device)
    {
        if (UntilRemoved)
            return device is null ? [] : null;
        return device is not null && IsSettled(device, SinceUsec) ? [device] : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Missing(DeviceTree devices)
    {
        if (Key.Find(devices) is not { } device)
            return [$"{name}: no such device"];
        return UntilRemoved ? [$"{device.DevPath}: still there"] : Limit(WhyNot(device));
    }
}
