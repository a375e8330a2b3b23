using System.Buffers;
using System.Text.Json;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <content>What a filter lets through.</content>
public sealed partial class SubscriberStream
{
    /// <summary>Goes on at an event. Replay from the ring does not count against the queue.</summary>
    internal void Resume(long next)
    {
        // Not the newest event's cursor: whoever is cut off within the replay goes on from there.
        _frames.Enqueue(StreamFrames.Ready(_publisher.CursorAt(next - 1)));
        _replayEnd = _publisher.Ring.Next;
        if (Filter is null)
        {
            _next = next;
            return;
        }
        for (; next < _replayEnd; next++)
        {
            if (_publisher.Ring.TagOf(next) is not { Subsystem: not null } tag)
                ReplayTransaction(next);
            else if (Filter.Wants(tag))
                _selected.Enqueue(new Item(next, null, 0));
        }
    }

    private void ReplayTransaction(long number)
    {
        using var events = JsonDocument.Parse((byte[])[.. "["u8, .. _publisher.Ring[number], .. "]"u8]);
        var own = new ArrayBufferWriter<byte>(1024);
        foreach (var one in events.RootElement.EnumerateArray())
        {
            var device = one.GetProperty("device"u8);
            _ = UeventActions.TryParse(System.Text.Encoding.UTF8.GetBytes(one.GetProperty("action"u8).GetString()!), out var action);
            var type = device.TryGetProperty("devtype"u8, out var found) ? found.GetString() : null;
            if (!Filter!.Wants(new EventTag(device.GetProperty("subsystem"u8).GetString(), type, action)))
                continue;
            if (own.WrittenCount > 0)
                own.Write(","u8);
            own.Write(System.Text.Encoding.UTF8.GetBytes(one.GetRawText()));
        }
        if (own.WrittenCount > 0)
            _selected.Enqueue(new Item(number, own.WrittenSpan.ToArray(), 0));
    }

    /// <summary>True if a device can enter or leave its filter by a rename.</summary>
    internal bool FollowsPaths => _members is not null && Filter!.DevPaths is not null;

    /// <summary>Looks whether a device whose path has changed by its ancestor's rename has entered or left the filter.</summary>
    internal void Recheck(Device device, long number, long settledUsec)
    {
        if (!FollowsPaths || _muted || _overflowed)
            return;
        var view = DeviceView.OfAnnounced(device);
        var member = device.Index < _members!.Length && _members[device.Index];
        if (Filter!.Wants(view) == member)
            return;
        SetMember(device.Index, !member);
        var action = member ? UeventAction.Remove : UeventAction.Add;
        if (!Filter.Wants(action))
            return;
        var own = _publisher.Encode(device, action, number, settledUsec);
        _selected.Enqueue(new Item(number, own, own.Length));
        QueuedBytes += own.Length;
        Queued(number, own.Length);
    }

    // The device's membership decides whether a filtered subscriber sees it come, change or go.
    private bool IsSelected(in DeviceView view, PendingEvent released, Device? device, out UeventAction action)
    {
        action = released.Action;
        var wanted = Filter!.Wants(view);
        if (_members is null || device is null)
            return wanted && Filter.Wants(action);
        var member = device.Index < _members.Length && _members[device.Index];
        if (!wanted && !member)
            return false;
        if (action == UeventAction.Remove || !wanted)
        {
            SetMember(device.Index, false);
            action = UeventAction.Remove;
            return member && Filter.Wants(action);
        }
        SetMember(device.Index, true);
        action = member ? action : UeventAction.Add;
        return Filter.Wants(action);
    }

    private bool Select(in DeviceView view, PendingEvent released, Device? device, long number, long settledUsec, int length)
    {
        if (!IsSelected(view, released, device, out var action))
            return false;
        var own = action == released.Action ? null : _publisher.Encode(released, device, action, number, settledUsec);
        _selected.Enqueue(new Item(number, own, own?.Length ?? length));
        QueuedBytes += own?.Length ?? length;
        return true;
    }

    // Of a transaction a filter takes what it wants, and that together.
    private bool Select(IReadOnlyList<(PendingEvent Released, Device? Device)> parts, long number, long settledUsec)
    {
        var own = new ArrayBufferWriter<byte>(1024);
        foreach (var (released, device) in parts)
        {
            if (!IsSelected(DeviceView.Of(released, device), released, device, out var action))
                continue;
            if (own.WrittenCount > 0)
                own.Write(","u8);
            own.Write(_publisher.Encode(released, device, action, number, settledUsec));
        }
        if (own.WrittenCount == 0)
            return false;
        _selected.Enqueue(new Item(number, own.WrittenSpan.ToArray(), own.WrittenCount));
        QueuedBytes += own.WrittenCount;
        return true;
    }

    private void Remember(Device device)
    {
        if (_members is not null)
            SetMember(device.Index, true);
    }

    private void SetMember(int index, bool value)
    {
        if (index >= _members!.Length)
            _members.Length = Math.Max(index + 1, _members.Length * 2);
        _members[index] = value;
    }
}
