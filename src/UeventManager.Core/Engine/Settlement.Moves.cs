using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

// What a move means for what is pending: it voids what was decided from the old place, and its delivery waits for its turn.
internal sealed partial class Settlement
{
    public void AppendMove(Device device, PendingEvent move, bool merge, long nowUsec)
    {
        var owed = EndAllChanges(device);
        if (merge)
        {
            // The move before has not been told yet, or only in this very step: it leads here now.
            device.Pending?.Changes.RedirectMove(move.Properties, WantsPicture(device, move));
            Counters.Merged++;
            _events.Return(move);
            if (device.Pending is { InFlight: null, HasUnserved: true })
                StartLook(device, nowUsec, repeated: false);
            TryRelease(device, nowUsec);
        }
        else
        {
            Pass(device, move, nowUsec);
        }
        if (owed && device.InTree)
            QueueLeaderChange(device, nowUsec);
    }

    // What was said of the old name, even if it only waits for its turn, is none of the new one's.
    private bool EndAllChanges(Device device)
    {
        device.Pending?.Changes.Reopen();
        return EndChanges(device);
    }

    public void VoidMoved(Device device, long nowUsec)
    {
        _output.Forget(device);
        if (device.Pending is not { } pending)
            return;
        SetHold(pending, default);
        // What its change waited for is remembered before the verdict goes.
        PromiseEnded(device);
        if (pending.FollowUp is null)
            pending.ResetVerdict();
        if (pending is { InFlight: null, IsDecided: false })
            return;
        if (VoidDecision(pending))
            Counters.Voided++;
        LookAnew(device, pending, nowUsec);
    }

    private static bool WaitsFor(Device waiting, Device device)
    {
        var next = waiting.Pending?.BlockedBy;
        for (var i = 0; next is not null && i < PendingChanges.MaxQueued; i++)
        {
            if (next == device)
                return true;
            next = next.Pending?.BlockedBy;
        }
        return false;
    }

    // A device goes while subscribers believe another below it, whose move away was not told: it is told before the remove, whatever it
    // waits for.
    public void DeliverMovesOutOf(Device leaving, long nowUsec)
    {
        while (_moves.OutOf(leaving) is { } undelivered)
        {
            DeliverMoveNow(undelivered, nowUsec);
            if (undelivered.ToldPath is not null)
                return;
        }
    }

    // Two that stand in each other's way would wait for ever: the move is told before what it waits for.
    public void DeliverMoveNow(Device device, long nowUsec)
    {
        device.Pending?.Changes.CompletePictures(NotLookedAt(device, "no look was waited for"), long.MaxValue);
        while (device.ToldPath is not null && device.Pending is { NextComplete: { } next } pending)
        {
            pending.Take(next);
            Release(device, next, nowUsec);
        }
        if (device.Pending is { } left)
            SetHold(left, default);
        Unblock(device, nowUsec);
        TryRelease(device, nowUsec);
    }
}
