using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

// Two devices cannot have one name on a bus, one device number, one ifindex or one node. While subscribers believe that a
// device has it, whoever comes with the same waits for the remove, or the rename, that frees it: at most its rule's timeout.
public sealed partial class UeventEngine
{
    private readonly Dictionary<UniqueKey, Device> _holders = [];
    private readonly HashSet<string> _buses = new(StringComparer.Ordinal);
    private readonly List<UniqueKey> _keys = [];
    private readonly List<UniqueKey> _itsKeys = [];

    // Announced with a key that another holds already: a conflict that lasted too long. Nearly always none.
    private readonly List<Device> _sharers = [];

    // Who is announced with something that this add needs for itself.
    private Hold Holder(Device device, PendingEvent add, long nowUsec)
    {
        if (_holders.Count == 0 || device.State == DeviceState.Announced || nowUsec >= ConflictEndsUsec(device, add))
            return default;
        UniqueKey.Collect(_keys, device, add.Properties.Span);
        foreach (var key in _keys)
        {
            if (_holders.TryGetValue(key, out var holder) && holder != device && StillHas(holder, key))
                return new Hold(HoldReason.KeyOwner, holder);
        }
        return default;
    }

    // Where its remove and its add were both lost, what was told of it since may say that it has another number now.
    private bool StillHas(Device holder, UniqueKey key)
    {
        UniqueKey.Collect(_itsKeys, holder, holder.Properties.Span);
        // Whose move is not told has its old name for subscribers.
        if (holder.ToldPath is not null || _itsKeys.Contains(key))
            return true;
        HoldKeys(holder, _itsKeys);
        return false;
    }

    private static long ConflictEndsUsec(Device device, PendingEvent add) =>
        add.ArrivedUsec + (device.Pending?.Rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec);

    private void BeginConflict(Device device, Pending pending, Device holder, PendingEvent add, long nowUsec)
    {
        SetDeadline(pending, ConflictEndsUsec(device, add));
        if (!pending.Meets(holder))
            return;
        Counters.Conflicts++;
        Report(Incident.Conflict, device, [holder.DevPath]);
        // The kernel says that it is removed before it takes the directory away (device_del()): one that is gone although
        // nothing queued says so lost its remove.
        Identify(holder, null, nowUsec, reconcile: true);
    }

    // True if the deadline was that of a conflict: then it goes out although another still has its name.
    private bool EndConflict(Device device, Pending pending, long nowUsec)
    {
        if (!pending.IsInConflict)
            return false;
        SetHold(pending, default);
        if (pending.Events is not [{ Complete: true }, ..])
            return false;
        TryRelease(device, nowUsec);
        return true;
    }

    // As subscribers know it: from its announcement on, and under its new name once its move is told.
    private void HoldKeys(Device device)
    {
        UniqueKey.Collect(_keys, device, device.Properties.Span);
        HoldKeys(device, _keys);
    }

    private void HoldKeys(Device device, List<UniqueKey> keys)
    {
        FreeKeys(device);
        if (keys.Count == 0)
            return;
        device.Keys = [.. keys];
        var shares = false;
        foreach (var key in device.Keys)
            shares |= !_holders.TryAdd(key, device);
        if (shares)
            _sharers.Add(device);
    }

    private void FreeKeys(Device device)
    {
        if (device.Keys is not { } keys)
            return;
        device.Keys = null;
        if (_sharers.Count > 0)
            _sharers.Remove(device);
        foreach (var key in keys)
        {
            if (!_holders.TryGetValue(key, out var holder) || holder != device)
                continue;
            if (_sharers.Find(sharer => sharer.Keys!.Contains(key)) is { } next)
                _holders[key] = next;
            else
                _holders.Remove(key);
        }
    }
}
