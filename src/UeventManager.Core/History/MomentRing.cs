using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.History;

/// <summary>What can happen to a device.</summary>
public enum MomentKind : byte
{
    /// <summary>A uevent of it arrived.</summary>
    Arrived,

    /// <summary>A scan of sysfs found it.</summary>
    Scanned,

    /// <summary>A uevent of it arrived while its add waited, and renewed that.</summary>
    Folded,

    /// <summary>A uevent of it was older than what is known, and ignored.</summary>
    Stale,

    /// <summary>A look saw something else than the one before it.</summary>
    Looked,

    /// <summary>What a look had decided was void: the device moved, events were lost, or others were folded in.</summary>
    Voided,

    /// <summary>Its time was over.</summary>
    TimedOut,

    /// <summary>It was released by hand.</summary>
    ReleasedByHand,

    /// <summary>Other rules came into force.</summary>
    RulesReplaced,

    /// <summary>An event of it was delivered.</summary>
    Delivered,

    /// <summary>It went before it was announced: nobody was told of it.</summary>
    Annihilated,

    /// <summary>udevd told everybody that it is done with an event of it.</summary>
    UdevTold,

    /// <summary>The same, and its worker had failed: its rules were not applied.</summary>
    UdevFailed,
}

/// <summary>One thing that happened to a device.</summary>
/// <param name="AtUsec">When, CLOCK_MONOTONIC microseconds.</param>
/// <param name="RealtimeUsec">The same by CLOCK_REALTIME, as that went then.</param>
/// <param name="Kind">What.</param>
/// <param name="Action">The action of the event that it is about.</param>
/// <param name="Number">SEQNUM; of a look, which conditions held, one bit each; of a timeout, its policy; of a delivery, 1 if unsettled.</param>
/// <param name="Rule">Of a look, its rule.</param>
public readonly record struct DeviceMoment(long AtUsec, long RealtimeUsec, MomentKind Kind, UeventAction Action, long Number, RuleTexts? Rule);

/// <summary>
/// What happened to all devices lately, in one ring: a moment costs 40 bytes and one write, a device no more than its place in the
/// ring. What is overwritten is forgotten: in a storm of 100,000 devices each has one moment left.
/// </summary>
internal sealed class MomentRing
{
    /// <summary>Moments of all devices together: 5 MiB, taken as they are used.</summary>
    public const int MaxMoments = 131_072;

    /// <summary>Most moments that are told of one device.</summary>
    public const int MaxTold = 64;

    private const int FewMoments = 1024;

    // Few at first, then all at once: one by one blocks would be large objects, for which the collector would go over the whole heap.
    private Entry[] _entries = new Entry[FewMoments];
    private long _next = 1;

    /// <summary>Takes note of something.</summary>
    /// <param name="last">The device's last moment; becomes this one.</param>
    /// <param name="moment">What happened.</param>
    public void Note(ref long last, in DeviceMoment moment)
    {
        var back = last == 0 ? 0 : _next - last;
        At(_next) = new Entry(moment.AtUsec, moment.RealtimeUsec, moment.Number, moment.Rule, back < MaxMoments ? (int)back : 0, moment.Kind, moment.Action);
        last = _next++;
    }

    /// <summary>What is known of a device, newest first.</summary>
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

    /// <summary>Goes on with the moments of another run. Only where there are none yet.</summary>
    /// <exception cref="SnapshotException">It is broken.</exception>
    public void Restore(SnapshotReader from, IReadOnlyList<RuleTexts> rules)
    {
        var next = from.Count();
        if (next < 1)
            throw new SnapshotException("the history has other bounds");
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

    /// <summary>Whether a device's last moment can be one of these.</summary>
    public bool CanBe(long last) => last >= 0 && last < _next;

    /// <summary>Takes at once what it would take when it is first needed.</summary>
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
