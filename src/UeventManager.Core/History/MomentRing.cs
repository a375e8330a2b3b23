using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.History;

/// <summary>The kinds of moments.</summary>
public enum MomentKind : byte
{
    /// <summary>A uevent of the device arrived.</summary>
    Arrived,

    /// <summary>A scan of sysfs found the device.</summary>
    Scanned,

    /// <summary>A uevent arrived while the add waited, and was folded into it.</summary>
    Folded,

    /// <summary>A uevent was older than the known state, and was ignored.</summary>
    Stale,

    /// <summary>A look had another result than the look before.</summary>
    Looked,

    /// <summary>A decision became void: the device moved, events were lost, or further events were folded in.</summary>
    Voided,

    /// <summary>The device or its change reached its timeout.</summary>
    TimedOut,

    /// <summary>The device was released by hand.</summary>
    ReleasedByHand,

    /// <summary>Other rules came into force.</summary>
    RulesReplaced,

    /// <summary>An event of the device was delivered.</summary>
    Delivered,

    /// <summary>The device was removed before it was announced; nothing was delivered.</summary>
    Annihilated,

    /// <summary>udevd broadcast that it has processed an event of the device.</summary>
    UdevTold,

    /// <summary>The same, but udevd's worker had failed, so its rules were not applied.</summary>
    UdevFailed,
}

/// <summary>One moment in a device's history.</summary>
/// <param name="AtUsec">The time, in CLOCK_MONOTONIC microseconds.</param>
/// <param name="RealtimeUsec">The same by CLOCK_REALTIME as it was set then, in microseconds.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Action">The action of the event.</param>
/// <param name="Number">SEQNUM; for a look, one bit for each condition that held; for a timeout, its policy; for a delivery, 1 if unsettled.</param>
/// <param name="Rule">For a look, its rule.</param>
public readonly record struct DeviceMoment(long AtUsec, long RealtimeUsec, MomentKind Kind, UeventAction Action, long Number, RuleTexts? Rule);

/// <summary>
/// The recent moments of all devices in one ring: a moment costs 40 bytes and one write, a device only its place in the ring. Overwritten moments are
/// forgotten: in a storm of 100,000 devices each device keeps one moment.
/// </summary>
internal sealed class MomentRing
{
    /// <summary>The most moments of all devices together: 5 MiB, allocated as needed.</summary>
    public const int MaxMoments = 131_072;

    /// <summary>The most moments that are returned for one device.</summary>
    public const int MaxTold = 64;

    private const int FewMoments = 1024;

    // Few at first, then all at once: blocks that grow step by step would be large objects, for which the collector goes over the whole heap.
    private Entry[] _entries = new Entry[FewMoments];
    private long _next = 1;

    /// <summary>Adds a moment.</summary>
    /// <param name="last">The device's last moment; set to the new one.</param>
    /// <param name="moment">The moment.</param>
    public void Note(ref long last, in DeviceMoment moment)
    {
        var back = last == 0 ? 0 : _next - last;
        At(_next) = new Entry(moment.AtUsec, moment.RealtimeUsec, moment.Number, moment.Rule, back < MaxMoments ? (int)back : 0, moment.Kind, moment.Action);
        last = _next++;
    }

    /// <summary>The moments of a device, newest first.</summary>
    /// <param name="last">Its last moment.</param>
    public IEnumerable<DeviceMoment> Of(long last)
    {
        for (var told = 0; last > 0 && last > _next - 1 - MaxMoments && told < MaxTold; told++)
        {
            var entry = At(last);
            yield return new DeviceMoment(entry.AtUsec, entry.RealtimeUsec, entry.Kind, entry.Action, entry.Number, entry.Rule);
            last = entry.Back == 0 ? 0 : last - entry.Back;
        }
    }

    /// <summary>Writes all moments that are not overwritten.</summary>
    public void Save(SnapshotWriter to, Func<RuleTexts, int> numberOf)
    {
        to.Number(_next);
        for (var number = Oldest; number < _next; number++)
        {
            var entry = At(number);
            to.Number(entry.AtUsec);
            to.Number(entry.RealtimeUsec);
            to.Number(entry.Number);
            to.Number(entry.Back);
            to.Number((long)entry.Kind);
            to.Number((long)entry.Action);
            to.Number(entry.Rule is { } rule ? numberOf(rule) : -1);
        }
    }

    /// <summary>Continues the moments of another run. Only for an empty ring.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public void Restore(SnapshotReader from, IReadOnlyList<RuleTexts> rules)
    {
        var next = from.Count();
        if (next < 1)
            throw new SnapshotException("the history has different bounds");
        _next = next;
        for (var number = Oldest; number < next; number++)
        {
            var (atUsec, realtimeUsec) = (from.Time(), from.Count());
            var (value, back) = (from.Number(), from.Number(0, MaxMoments - 1));
            var (kind, action) = (from.Number(0, (int)MomentKind.UdevFailed), from.Number(0, (int)UeventAction.Unbind));
            var rule = from.Number(-1, rules.Count - 1);
            At(number) = new Entry(atUsec, realtimeUsec, value, rule < 0 ? null : rules[rule], back, (MomentKind)kind, (UeventAction)action);
        }
    }

    /// <summary>Whether a number can be a device's last moment.</summary>
    public bool CanBe(long last) => last >= 0 && last < _next;

    /// <summary>Allocates all memory at once.</summary>
    public void Reserve()
    {
        if (_entries.Length < MaxMoments)
            Array.Resize(ref _entries, MaxMoments);
    }

    private ref Entry At(long number)
    {
        var at = (int)(number & (MaxMoments - 1));
        if (at >= _entries.Length)
            Reserve();
        return ref _entries[at];
    }

    private long Oldest => Math.Max(1, _next - MaxMoments);

    private readonly record struct Entry(long AtUsec, long RealtimeUsec, long Number, RuleTexts? Rule, int Back, MomentKind Kind, UeventAction Action);
}
