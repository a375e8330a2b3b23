using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <content>The selection by a filter.</content>
public sealed partial class SubscriberStream
{
    /// <summary>Resumes at an event. Events replayed from the ring do not count against the queue's limit.</summary>
    internal void Resume(long next)
    {
        // Not the newest event's cursor: a subscriber that is cut off during the replay resumes here.
        _frames.Enqueue(StreamFrames.Ready(_publisher.CursorAt(next - 1)));
        if (Filter is not null)
        {
            _replay = new Replay(_publisher.Ring, Filter, Stateless, next);
            return;
        }
        _replayEnd = _publisher.Ring.Next;
        _next = next;
    }

    /// <summary>Resumes at an event after a gap, because events may have been missed.</summary>
    internal void ResumeBehindGap(string reason, long next)
    {
        PutGap(reason, null);
        Resume(next);
    }

    // A piece at a time, so that a long replay delays no other subscriber.
    private void ReplayPiece(Replay replay)
    {
        var entries = Math.Max(1, Replay.EntriesPerPiece / Filter!.Steps);
        for (var i = 0; i < entries && !replay.IsAtEnd; i++)
        {
            var number = replay.Next;
            if (replay.Take(out var own))
                _selected.Add(number, own);
            if (!replay.IsLost)
                continue;
            Overflow(_publisher.Ring.Next);
            return;
        }
        if (!replay.IsAtEnd || _publisher.IsCarrying)
            return;
        _replay = null;
        if (_members is not null)
            BeginReading(membersOnly: true);
    }

    // Events published during the replay are part of it.
    private bool IsLeftToReplay(long number)
    {
        if (_replay is null)
            return false;
        if (_replay.Next < _publisher.Ring.First || _selected.OldestInRing < _publisher.Ring.First)
            Overflow(number + 1);
        return true;
    }

    // Membership decides whether a filtered subscriber sees a device enter, change or leave.
    private bool IsSelected(in DeviceView view, PendingEvent released, Device? device, out UeventAction action)
    {
        action = released.Action;
        var wanted = Filter!.Wants(view);
        if (_members is null || device is null)
            return wanted && Filter.Wants(view, action, view.Properties);
        var wasMember = IsMember(device);
        var (isMember, isTold) = Membership.After(wanted, wasMember, ref action);
        if (wanted || wasMember)
            SetMember(device.Index, isMember);
        return isTold && Filter.Wants(view, action, view.Properties);
    }

    private bool Select(in DeviceView view, in PublishedPart part, long number, long settledUsec)
    {
        var (released, device, move) = part;
        byte[]? own = null;
        if (move is null)
        {
            if (!IsSelected(view, released, device, out var action))
                return false;
            if (action != released.Action)
                own = _publisher.Encode(released, device, action, number, settledUsec);
        }
        else
        {
            var told = new ByteBuffer();
            if (!TryTell(part, told, number, out var asItIs) || told.Length == 0)
                return false;
            if (!asItIs)
                own = told.Written.ToArray();
        }
        _selected.Add(number, own);
        return true;
    }

    // A filter takes its selection of a transaction as one entry.
    private bool Select(IReadOnlyList<PublishedPart> parts, long number, long settledUsec)
    {
        var own = new ByteBuffer();
        foreach (var part in parts)
        {
            var (released, device, move) = part;
            if (move is not null)
            {
                if (!TryTell(part, own, number, out _))
                    return false;
                continue;
            }
            if (!IsSelected(DeviceView.Of(released, device), released, device, out var action))
                continue;
            if (own.Length > 0)
                own.Append((byte)',');
            own.Append(_publisher.Encode(released, device, action, number, settledUsec));
        }
        if (own.Length == 0)
            return false;
        _selected.Add(number, own.Written.ToArray());
        return true;
    }

    // False if the carried devices are unknown: then a gap follows.
    private bool TryTell(in PublishedPart part, ByteBuffer told, long number, out bool asItIs)
    {
        asItIs = false;
        var (released, device, move) = part;
        if (move!.HasTooMany)
        {
            Overflow(number + 1);
            return false;
        }
        for (var i = 0; i < move.Devices.Count; i++)
            move.Devices[i].WasMember = _members is not null && IsMember(Moved(i));
        asItIs = move.Write(Filter!, _members is not null, told);
        for (var i = 0; i < move.Devices.Count && _members is not null; i++)
            SetMember(Moved(i).Index, move.Devices[i].IsMember);
        return true;

        Device Moved(int i) => i == 0 ? device! : released.Carried![i - 1].Device;
    }
}
