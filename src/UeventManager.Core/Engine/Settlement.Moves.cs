using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

// The effect of a move on pending events: decisions from the old place are void, and the move is delivered in its turn.
internal sealed partial class Settlement
{
    public void AppendMove(Device device, PendingEvent move, bool merge, long nowUsec)
    {
        // Events about the old name, even complete ones that only wait for their turn, do not describe the device under the new name.
        device.Pending?.Changes.Reopen();
        var owed = EndChanges(device, out var endsChange);
        if (merge)
        {
            // The previous move is not delivered yet, or only in this very step: redirect it to the new place.
            device.Pending?.Changes.RedirectMove(move.Properties, endsChange || WantsPicture(device, move.Properties));
            Counters.Merged++;
            _events.Return(move);
            if (device.Pending is { InFlight: null, HasUnserved: true })
                StartLook(device, nowUsec, repeated: false);
            TryRelease(device, nowUsec);
        }
        else
        {
            Pass(device, move, nowUsec, endsChange);
        }
        if (owed && device.InTree)
            QueueLeaderChange(device, nowUsec);
    }

    public void VoidMoved(Device device, long nowUsec)
    {
        _output.Forget(device);
        if (device.Pending is not { } pending)
            return;
        SetHold(pending, default);
        // Remember the change's conditions before the verdict is reset.
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

    // Subscribers still see another device below the removed one, because its move away is not delivered yet: deliver that move before the remove,
    // whatever it waits for.
    public void DeliverMovesOutOf(Device leaving, long nowUsec)
    {
        while (_moves.OutOf(leaving) is { } undelivered)
        {
            DeliverMoveNow(undelivered, nowUsec);
            if (undelivered.DeliveredPath is not null)
                return;
        }
    }

    // Two devices that block each other would wait for ever: deliver the move before the event that it waits for.
    public void DeliverMoveNow(Device device, long nowUsec)
    {
        device.Pending?.Changes.CompletePictures(NotLookedAt(device, "not looked at"), long.MaxValue);
        while (device.DeliveredPath is not null && device.Pending is { NextComplete: { } next } pending)
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
