using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>What the stream holds of one host: of each subject the newest message, and the device that it tells of.</summary>
internal sealed class HostLedger
{
    private readonly Dictionary<string, LedgerEntry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _subjects = new(StringComparer.Ordinal);

    /// <summary>The sequence of the newest message of the host's devices.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>How many devices there are.</summary>
    public int Count => _subjects.Count;

    /// <summary>The devices' devpaths with their subjects, in order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Devices => _subjects;

    /// <summary>The subject of a device that is there; null if it is not.</summary>
    public string? SubjectOf(string devpath) => _subjects.GetValueOrDefault(devpath);

    /// <summary>A subject's entry; null if it has none.</summary>
    public LedgerEntry? this[string subject] => _entries.GetValueOrDefault(subject);

    /// <summary>The sequence that the stream shall expect of a subject.</summary>
    public ulong Expected(string subject) => _entries.TryGetValue(subject, out LedgerEntry? entry) ? entry.Sequence : 0;

    /// <summary>The devices below a place, with their subjects.</summary>
    public IReadOnlyList<(string DevPath, string Subject)> Below(string devpath) =>
        [.. _subjects.Where(one => DevicePlace.IsBelow(one.Key, devpath)).Select(static one => (one.Key, one.Value))];

    /// <summary>Reads back what the stream holds.</summary>
    /// <param name="messages">The newest of each subject, in order.</param>
    public static HostLedger Of(IEnumerable<FleetMessage> messages)
    {
        var ledger = new HostLedger();
        foreach (FleetMessage message in messages.Where(static one => one.IsDevice))
        {
            byte[]? device = message.IsGone || FleetLine.Split(message.Payload) is not [.., var line] || FleetLine.DeviceOf(line.Span) is not { Length: > 0 } found ? null : found;
            ledger.Put(message.Subject, message.Sequence, device, device is null ? "" : FleetLine.DevpathOf(device), message.Cursor, message.After, message.Part, message.Gap is not null, message.Boot);
        }
        return ledger;
    }

    /// <summary>Takes over what the stream has taken.</summary>
    public void Put(OutMessage message, ulong sequence, string? after) =>
        Put(message.Subject, sequence, message.Device, message.DevPath, message.Cursor, after, message.Part, message.Gap is not null, null);

    /// <summary>Those of messages that are newer than what is known of their subjects. From any thread.</summary>
    public IReadOnlyList<FleetMessage> Foreign(IEnumerable<FleetMessage> messages)
    {
        lock (_entries)
        {
            return [.. messages.Where(one => one.IsDevice && Expected(one.Subject) < one.Sequence)];
        }
    }

    /// <summary>The transaction that is half in the stream; null if none is.</summary>
    public string? Half => _entries.Values.MaxBy(static one => one.Sequence) is { } newest && !IsComplete(newest.Part) ? newest.Part!.Id : null;

    /// <summary>Where a subscription goes on, and what of the events behind that place is in the stream already.</summary>
    /// <param name="boot">The boot of the host: a daemon of another one does not know its cursors, though they may look alike.</param>
    public ResumePoint Resume(string boot)
    {
        if (_entries.Values.MaxBy(static one => one.Sequence) is not { } newest)
            return ResumePoint.None;
        if (newest.Boot is { } before && before != boot)
            return ResumePoint.None with { Reason = "restarted" };
        if (newest.IsState)
            return IsComplete(newest.Part) ? new ResumePoint(newest.Cursor, null, []) : ResumePoint.None;
        // A move is planned from what is known before it: half of one cannot be told again.
        if (IsMove(newest.Part) && !IsComplete(newest.Part))
            return ResumePoint.None;
        if (newest.After is not { } after)
            return ResumePoint.None;
        KeyValuePair<string, LedgerEntry>[] told = [.. _entries.Where(one => one.Value.After == after && one.Value.Cursor is not null)];
        // Nor can a whole one be passed over among other events: what was planned then is not what would be planned now. Alone it was the last thing that was sent.
        if (Array.Exists(told, static one => IsMove(one.Value.Part)))
            return Array.TrueForAll(told, one => one.Value.Part?.Id == newest.Part?.Id) ? new ResumePoint(newest.Cursor, null, []) : ResumePoint.None;
        return new ResumePoint(after, after, told.ToDictionary(static one => one.Key, static one => one.Value.Cursor!, StringComparer.Ordinal));
    }

    private static bool IsMove(TransactionPart? part) => part?.Id.StartsWith(MessagePlan.MovePrefix, StringComparison.Ordinal) == true;

    private bool IsComplete(TransactionPart? part) => part is null || _entries.Values.Count(one => one.Part?.Id == part.Id) == part.Size;

    private void Put(string subject, ulong sequence, byte[]? device, string devpath, string? cursor, string? after, TransactionPart? part, bool isState, string? boot)
    {
        lock (_entries)
        {
            if (_entries.TryGetValue(subject, out LedgerEntry? before) && before.Device is not null && _subjects.GetValueOrDefault(before.DevPath) == subject)
                _subjects.Remove(before.DevPath);
            _entries[subject] = new LedgerEntry(sequence, device, devpath, cursor, after, part, isState, boot);
        }
        if (device is not null)
            _subjects[devpath] = subject;
        LastSequence = Math.Max(LastSequence, sequence);
    }
}

/// <summary>The newest message of a subject.</summary>
/// <param name="Sequence">Its place in the stream.</param>
/// <param name="Device">The device as it is listed; null if it is gone.</param>
/// <param name="DevPath">The device's devpath; empty if it is gone.</param>
/// <param name="Cursor">The daemon's cursor behind it.</param>
/// <param name="After">The daemon's cursor before what was sent together with it.</param>
/// <param name="Part">The transaction that it belongs to.</param>
/// <param name="IsState">True if it comes of a state, not of an event.</param>
/// <param name="Boot">The boot of the host; null of what this bridge told itself.</param>
internal sealed record LedgerEntry(ulong Sequence, byte[]? Device, string DevPath, string? Cursor, string? After, TransactionPart? Part, bool IsState, string? Boot);

/// <summary>Where a subscription goes on.</summary>
/// <param name="Cursor">The daemon's cursor; null for the state.</param>
/// <param name="After">What <see cref="FleetHeaders.After"/> says of messages that were sent together and may not all be there; null if all are.</param>
/// <param name="Told">Those that are: subjects with the cursor up to which they were told.</param>
internal sealed record ResumePoint(string? Cursor, string? After, Dictionary<string, string> Told)
{
    /// <summary>Why there is no cursor, as a gap says it; null for the usual reasons.</summary>
    public string? Reason { get; init; }

    /// <summary>Nowhere.</summary>
    public static ResumePoint None => new(null, null, []);
}
