using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private readonly Dictionary<byte[], string> _subsystems = new(new PathComparer());

    /// <summary>Steps one uevent of the kernel.</summary>
    /// <param name="uevent">The uevent.</param>
    /// <param name="isDevice">True if its subsystem is a class or a bus, or its device's subsystem link says so, and its devpath is below
    /// <c>/devices</c>. An event of a known device belongs to that device in any case: its class may be gone before its remove is read.</param>
    /// <param name="nowUsec">When it was received.</param>
    /// <param name="isBus">True if the subsystem is a bus: two devices of one bus cannot have the same name.</param>
    /// <param name="isContested">True if sysfs shows a device of another subsystem than the event names: the device must be looked at.</param>
    public void Step(Uevent uevent, bool isDevice, long nowUsec, bool isBus = false, bool isContested = false)
    {
        Tap?.Stepped(uevent, isDevice, nowUsec, isBus, isContested);
        BeginStep(nowUsec);
        Counters.Received++;
        if (isBus)
            _keys.AddBus(Subsystem(uevent.Subsystem));
        var device = _tree.Find(uevent.DevPath);
        if (device is null && isDevice)
            device = FollowRename(ref uevent, ref isContested, nowUsec);
        if (!isDevice && device is null && !IsMoveOfKnown(uevent))
        {
            StepKobject(uevent, nowUsec);
            return;
        }
        // A retold event: our subscribers know the device already, only other listeners need it.
        if (uevent.IsRetold && device is { State: DeviceState.Announced } && device.MayBeOf(uevent.Subsystem))
        {
            Counters.Retold++;
            // udevd processes this event too, so its broadcast belongs to this device.
            _udev.Came(uevent.Seqnum, device);
            return;
        }
        if (_departed.IsStale(device, uevent))
        {
            if (device is not null)
                _history.Note(device, MomentKind.Stale, uevent.Action, uevent.Seqnum);
            StepStale(device, uevent, nowUsec);
            return;
        }
        if (device is not null)
        {
            _history.NoteArrival(device, uevent);
            _udev.Came(uevent.Seqnum, device);
        }
        StepDevice(device, uevent, nowUsec, isContested);
        // The event created a device, or moved one to its path.
        if ((uevent.Action == UeventAction.Move || device is not { InTree: true }) && uevent.Action != UeventAction.Remove && _tree.Find(uevent.DevPath) is { } there)
            _udev.Came(uevent.Seqnum, there);
    }

    private void StepDevice(Device? device, in Uevent uevent, long nowUsec, bool isContested)
    {
        switch (uevent.Action)
        {
            case UeventAction.Add:
                StepAdd(device, uevent, nowUsec, isContested);
                break;
            case UeventAction.Remove:
                StepRemove(device, uevent, nowUsec);
                break;
            case UeventAction.Move:
                StepMove(device, uevent, nowUsec);
                break;
            default:
                if (device is null)
                    BeginUnknown(uevent, nowUsec, isContested);
                else if (!device.MayBeOf(uevent.Subsystem))
                    // The add of the device that now has this path was lost.
                    StepAdd(device, uevent, nowUsec, isContested);
                else
                    StepOther(device, uevent, nowUsec);
                break;
        }
    }

    // Kobjects that are not devices (net queues, modules, drivers) are not kept and wait for nothing. If one appears or disappears below a device,
    // the device is looked at again (netdev_queue_update_kobjects()).
    private void StepKobject(in Uevent uevent, long nowUsec)
    {
        Counters.Kobjects++;
        var queued = _events.New(uevent, uevent.Action, synthetic: false, nowUsec);
        queued.Path = uevent.DevPath.ToArray();
        queued.Subsystem = Subsystem(uevent.Subsystem);
        if (!uevent.DevPathOld.IsEmpty)
            queued.OldDevPath = uevent.DevPathOld.ToArray();
        var above = _tree.FindAbove(uevent.DevPath);
        queued.ParentPath = above?.Node.Path;
        _settlement.Deliver(null, queued);
        if (_settlement.IsAnybodyWaiting && above is not null)
            _settlement.LookSoon(above, nowUsec);
    }

    private bool IsMoveOfKnown(in Uevent uevent) =>
        uevent.Action == UeventAction.Move && DevPaths.IsBelowDevices(uevent.DevPath) && _tree.Find(uevent.DevPathOld) is not null;

    private void StepAdd(Device? device, in Uevent uevent, long nowUsec, bool isContested)
    {
        if (device is { State: DeviceState.Dropped } && Subsystem(uevent.Subsystem) is { Length: > 0 } subsystem && subsystem != device.Subsystem)
        {
            // Another device has the path; the remove of the dropped one was lost.
            RemoveSubtree(device, null, nowUsec);
            device = null;
        }
        if (device is null)
        {
            var added = BeginAdd(_events.New(uevent, UeventAction.Add, synthetic: false, nowUsec), uevent.DevPath, Subsystem(uevent.Subsystem), nowUsec, isContested);
            (added.FirstSeqnum, added.AddSeqnum) = (uevent.Seqnum, uevent.Seqnum);
            return;
        }
        Touch(device, nowUsec);
        device.AddSeqnum = Math.Max(device.AddSeqnum, uevent.Seqnum);
        device.LastAddOrder = _events.Order;
        var second = _events.New(uevent, UeventAction.Add, synthetic: uevent.Action != UeventAction.Add, nowUsec);
        second.Subsystem = device.AddSubsystem = Subsystem(uevent.Subsystem);
        second.Path = device.Node.Path;
        switch (device.State)
        {
            case DeviceState.Announced:
                _settlement.Identify(device, second, nowUsec);
                break;
            case DeviceState.Dropped:
                _output.Forget(device);
                device.State = DeviceState.Waiting;
                device.Instance = default;
                device.FirstSeqnum = uevent.Seqnum;
                _settlement.BeginPending(device, second, nowUsec);
                break;
            default:
                // An add of the same instance is folded; an add of another instance annihilates the first.
                _settlement.Identify(device, second, nowUsec);
                _settlement.Fold(device, uevent, nowUsec);
                break;
        }
    }

    // Any other event of an unknown device counts as its add.
    private void BeginUnknown(in Uevent uevent, long nowUsec, bool isContested = false)
    {
        var queued = _events.New(uevent, UeventAction.Add, synthetic: true, nowUsec);
        var device = BeginAdd(queued, uevent.DevPath, Subsystem(uevent.Subsystem), nowUsec, isContested);
        (device.FirstSeqnum, device.AddSeqnum) = (uevent.Seqnum, uevent.Seqnum);
    }

    private void StepOther(Device device, in Uevent uevent, long nowUsec)
    {
        Touch(device, nowUsec);
        if (NextInstance(device) is { } next)
        {
            // The event came after the add of the next instance, so it belongs to that instance.
            next.Properties.Set(uevent.Properties);
            _events.Remark(next, uevent.Seqnum, nowUsec);
            if (device.State == DeviceState.Announced)
            {
                Counters.Folded++;
                return;
            }
        }
        switch (device.State)
        {
            case DeviceState.Dropped:
                break;
            case DeviceState.Announced when uevent.Action == UeventAction.Change:
                _settlement.StepChange(device, _events.New(uevent, UeventAction.Change, synthetic: false, nowUsec), nowUsec);
                break;
            case DeviceState.Announced:
                _settlement.StepOther(device, _events.New(uevent, uevent.Action, synthetic: false, nowUsec), nowUsec);
                break;
            default:
                _settlement.Fold(device, uevent, nowUsec);
                break;
        }
    }

    // Every uevent of a device is a reason to look at its parent and its children again.
    private void Touch(Device device, long nowUsec)
    {
        device.LastOrder = _events.NextOrder();
        _settlement.LookAround(device, nowUsec);
    }

    private string Subsystem(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return "";
        var lookup = _subsystems.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(name, out var text))
            return text;
        text = KernelText.Decode(name);
        if (_subsystems.Count < 1024)
            lookup[name] = text;
        return text;
    }
}
