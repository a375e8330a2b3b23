using UeventManager.Core.Ordering;

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

    internal void Resolve() => (Key, IsFinal) = resolve();

    internal override IReadOnlyList<Device>? Check(DeviceTree devices) => CheckOne(Key.Find(devices));

    /// <summary>The same where the device is known already.</summary>
    internal IReadOnlyList<Device>? CheckOne(Device? device)
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
