using UeventManager.Core.Looks;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// G11: everything that an event reports about its device was seen at one look, made after the kernel had sent the event.
internal sealed partial class Settlement
{
    private const WaitingActions AnyAction = WaitingActions.Add | WaitingActions.Change;

    // A limit on repeated decisions: otherwise a storm of events at a device would keep its add waiting for ever.
    private const int MostDecisions = 4;

    // Devices whose last event had missing conditions; a change follows once these hold.
    private readonly Dictionary<Device, FollowUp> _promises = [];

    // An event that waits for no condition is delivered at once, unless its rule attaches something or the device may lack something: then it waits
    // for one look.
    public void Pass(Device device, PendingEvent queued, long nowUsec, bool endsChange = false)
    {
        if (!endsChange && !WantsPicture(device, queued.Properties))
        {
            Append(device, queued, nowUsec);
            return;
        }
        if (device.Pending is { FollowUp: not null })
            EndPending(device);
        queued.IsPicture = true;
        Enqueue(NewPending(device), queued);
        StartLook(device, nowUsec, repeated: false);
    }

    // An event may repeat the last findings only if nothing was missing or attached then, no earlier event still waits for its look, and the rule in
    // force attaches nothing.
    public bool WantsPicture(Device device, PropertyBuffer properties) =>
        device.Findings is not { Missing: null, Attributes: null, Links: null }
        || device is { DroppedChange: not null } or { Pending: { FollowUp: null, HasUnserved: true } }
        || _promises.ContainsKey(device)
        || BeforeLook(device, properties, WaitingActions.None) == FirstAnswer.Picture;

    // Whether more is known of an announced device than its uevent file, or its rule waits at a change.
    public bool MayBeOutdated(Device device) =>
        WantsPicture(device, device.Properties) || BeforeLook(device, device.Properties, WaitingActions.Change) == FirstAnswer.Look;

    // Events of an announced device may have been lost, so its last findings may be outdated. An event that waits for its look reports that by
    // itself.
    public void Refresh(Device device, PendingEvent queued, long nowUsec)
    {
        if (device.Pending is { HasUnserved: true })
        {
            _events.Return(queued);
            return;
        }
        if (device.Pending is { FollowUp: not null })
            EndPending(device);
        // Some properties come with uevents alone, so a scan has not read them.
        FileProperties.CopyOwn(device, queued.Properties, UeventAction.Change);
        queued.IsPicture = BeforeLook(device, queued.Properties, WaitingActions.Change) != FirstAnswer.Look;
        Enqueue(NewPending(device), queued);
        StartLook(device, nowUsec, repeated: false);
    }

    private static bool IsSame(Findings found, Findings known) =>
        (found.Settled, found.Rule) == (known.Settled, known.Rule) && IsSame(found.Missing, known.Missing) && IsSame(found.Attributes, known.Attributes) && IsSame(found.Links, known.Links);

    private static bool IsSame<T>(IReadOnlyList<T>? one, IReadOnlyList<T>? other) => (one ?? []).SequenceEqual(other ?? []);

    // Whether the rule in force waits at this event.
    private static bool Waits(PendingEvent queued, BoundRule? rule) =>
        rule is not null && !queued.IsPicture && (rule.Rule.On & (queued.Action == UeventAction.Add ? WaitingActions.Add : WaitingActions.Change)) != 0;

    // Whether the next event to be served waits only for the look.
    private static bool IsPassing(Pending pending, BoundRule rule)
    {
        foreach (var queued in pending.Queued)
        {
            if (!queued.Complete)
                return !Waits(queued, rule);
        }
        return false;
    }

    // For an event that waits for no condition, the last delivered verdict is kept where this event's look cannot give one: it cannot tell since when a
    // value has been stable, and a condition on the ACTION was about an earlier event.
    private bool KeepsVerdict(Device device, Pending pending, BoundRule rule, int item, LookFacts facts)
    {
        // A refresh is no event, so it has no action of its own, and udev does not process it.
        var (isPassing, isRefresh) = (IsPassing(pending, rule), pending.Queued is [{ IsRefresh: true }]);
        if (device.State != DeviceState.Announced || !(isPassing || isRefresh) || WasMissing(device, rule.Items[item]))
            return false;
        if (isRefresh && rule.WaitsForUdev[item] && !facts.Udev.IsDone)
            return true;
        var condition = rule.Items[item].Condition;
        return (rule.AsksEvent[item] && condition.MayBe(facts, true))
            || (isPassing && rule.LongestStableUsec > 0 && pending is { LookedUsec: 0, FollowUp: null } && PromiseOf(device) is not { IsOfChange: true }
                && condition.Queries.Any(query => query.Kind == QueryKind.Fingerprint));
    }

    // The directory is gone because the device was renamed or removed, and the kernel's event about that follows: the look is repeated at the new place.
    private bool AwaitsPlace(Pending pending, Look look, long nowUsec)
    {
        if (look.Instance.IsKnown || pending.FirstServedBy(look) is not { } first || nowUsec - first.ArrivedUsec >= LookTimes.GoneUsec)
            return false;
        EndLook(pending, look, nowUsec);
        _nextLooks.Set(pending.NextLook, Math.Min(nowUsec + LookTimes.ShortestRetryUsec, first.ArrivedUsec + LookTimes.GoneUsec));
        return true;
    }

    // The directory is gone or belongs to another instance, so the state at the time of the event cannot be read any more.
    private static void PassUnseen(Device device, Pending pending, Look look) =>
        pending.Changes.CompletePictures(NotLookedAt(device, look.Instance.IsKnown ? "now another device's" : "gone") with { Settled = false }, look.StartedOrder);

    private static Findings NotLookedAt(Device device, string why) =>
        new(device.Findings.Settled, device.Findings.Rule, [$"the device's directory ({why})"], null, null);

    private static Findings Unseen(Pending pending) => new(LookFindings.HasRequired(pending), pending.Rule?.Rule.Name, pending.Missing(), null, null);

    // Something happened since the deciding look, so what it found may be outdated.
    private static bool IsOutdated(PendingAdd add) =>
        add is { IsDisturbed: true, Decided: < MostDecisions, ByHand: false, Event.Findings: { Settled: true } findings }
        && (findings.Missing ?? (object?)findings.Attributes ?? findings.Links) is not null;

    // The uevent file was read after the missing conditions had been looked at, so it may be newer than their answers: ask them again.
    private bool AsksAgain(Device device, Pending pending, Look look, long nowUsec)
    {
        if (look.IsVerified || !look.WithFile || look.Rule is not { } rule)
            return false;
        look.Ask.Clear();
        for (var i = 0; i < pending.Items.Length; i++)
        {
            if (!pending.Items[i].Held)
                look.Ask.AddRange(rule.Items[i].Condition.Queries.Where(query => !query.MayBlock && !look.Ask.Contains(query)));
        }
        if (look.Ask.Count == 0)
            return false;
        look.IsVerifying = look.IsVerified = true;
        Probe(device, look, nowUsec);
        return true;
    }

    private bool HasComeMeanwhile(Device device, Pending pending, Look look, long nowUsec)
    {
        look.IsVerifying = false;
        for (var i = 0; i < pending.Items.Length; i++)
        {
            if (pending.Items[i].Held || !look.Rule!.Items[i].Condition.Holds(look.Facts))
                continue;
            LookAnew(device, pending, nowUsec);
            return true;
        }
        return false;
    }

    // The datagram's DRIVER differs from the target of the driver link: the device was bound or unbound meanwhile, and the uevent file is current.
    private static bool IsContradicted(Pending pending, Look look, BoundRule rule) =>
        !look.WithFile && LookFindings.SawDriver(look, rule, out var driver) && pending.ServesOther(look, driver);

    // Another action ended a waiting change. A change still follows once its conditions hold.
    private void PromiseEnded(Device device)
    {
        if (device is { State: DeviceState.Announced, Pending: { FollowUp: null, FirstWaiting: { IsPicture: false, IsLeaderChange: false } ended, Rule: { Items.Count: > 0 } rule } })
            _promises[device] = new FollowUp(rule, ended.ArrivedUsec, ended.ArrivedUsec + rule.Rule.TimeoutUsec, ended.Udev, IsOfChange: true);
    }

    // An event that was delivered without a look says nothing about the promised conditions, so the looks for them continue.
    private void ResumeFollowUp(Device device, long nowUsec)
    {
        if (_promises.Count == 0 || device is not { InTree: true, State: DeviceState.Announced, Pending: null or { IsEmpty: true, FollowUp: null }, Group: null }
            || !_promises.TryGetValue(device, out var promise) || promise.DeadlineUsec <= nowUsec)
        {
            return;
        }
        var pending = NewPending(device);
        Abandon(device, pending);
        pending.BeginFollowUp(promise);
        SetDeadline(pending, promise.DeadlineUsec);
        ScheduleLook(device, pending, nowUsec);
    }

    // Called once the device has no queued event.
    private void EndOrResume(Device device, long nowUsec)
    {
        ResumeFollowUp(device, nowUsec);
        if (device.Pending is { IsEmpty: true, FollowUp: null })
            EndPending(device);
    }

    // Ends the promise if the promised conditions hold. A change reports this itself. Returns true if the event is of another action: a synthetic
    // change must then follow, unless no rule is in force.
    private bool KeepPromise(Device device, Pending pending, PendingEvent queued, long nowUsec)
    {
        // While a move is undelivered, looks are made at the new place: the move reports what they find.
        if (queued.IsUnseen || device.DeliveredPath is not null || queued.Findings.Missing is not null || !_promises.TryGetValue(device, out var promise))
            return false;
        var follows = queued is { IsPicture: true, Findings: { Settled: true, Rule: not null } } && queued.Action != UeventAction.Change;
        // Whether the members of a leader are ready too needs a look of its own.
        if (follows && pending.Rule is { MemberLinks: not null } && promise.DeadlineUsec > nowUsec)
            return false;
        _promises.Remove(device);
        return follows;
    }

    private void ReleasePromised(Device device, Findings findings, long arrivedUsec, long nowUsec)
    {
        var change = _events.New(UeventAction.Change, device, arrivedUsec);
        (change.Findings, change.Complete) = (findings, true);
        Release(device, change, nowUsec);
    }

    /// <summary>Forgets the promise of a removed device.</summary>
    public void ForgetPromise(Device device) => _promises.Remove(device);

    /// <summary>The promise that a change follows once the missing conditions hold, or null.</summary>
    public FollowUp? PromiseOf(Device device) => _promises.GetValueOrDefault(device);

    /// <summary>Takes over the promise of another run.</summary>
    public void RestorePromise(Device device, FollowUp promise) => _promises[device] = promise;
}
