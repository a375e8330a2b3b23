using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>The stream's content for one host: the newest message of each subject, and its device.</summary>
internal sealed class HostLedger
{
    private readonly Dictionary<string, LedgerEntry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _subjects = new(StringComparer.Ordinal);

    /// <summary>The sequence of the newest message about a device of the host.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The number of devices.</summary>
    public int Count => _subjects.Count;

    /// <summary>The subjects of the devices by devpath, in order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Devices => _subjects;

    /// <summary>The subject of a device; null if the device does not exist.</summary>
    public string? SubjectOf(string devpath) => _subjects.GetValueOrDefault(devpath);

    /// <summary>A subject's entry; null if there is none.</summary>
    public LedgerEntry? this[string subject] => _entries.GetValueOrDefault(subject);

    /// <summary>The sequence that a subject's newest message must have for the next one to be stored.</summary>
    public ulong Expected(string subject) => _entries.TryGetValue(subject, out LedgerEntry? entry) ? entry.Sequence : 0;

    /// <summary>The devices below a devpath, with their subjects.</summary>
    public IReadOnlyList<(string DevPath, string Subject)> Below(string devpath) =>
        [.. _subjects.Where(one => DevicePlace.IsBelow(one.Key, devpath)).Select(static one => (one.Key, one.Value))];

    /// <summary>Builds the ledger from the stream's content.</summary>
    /// <param name="messages">The newest message of each subject, in order.</param>
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

    /// <summary>Adds a stored message.</summary>
    public void Put(OutMessage message, ulong sequence, string? after) =>
        Put(message.Subject, sequence, message.Device, message.DevPath, message.Cursor, after, message.Part, message.Gap is not null, null);

    /// <summary>The messages that are newer than the known ones of their subjects. Any thread may call it.</summary>
    public IReadOnlyList<FleetMessage> Foreign(IEnumerable<FleetMessage> messages)
    {
        lock (_entries)
        {
            return [.. messages.Where(one => one.IsDevice && Expected(one.Subject) < one.Sequence)];
        }
    }

    /// <summary>The transaction that is incomplete in the stream; null if none is.</summary>
    public string? Half => _entries.Values.MaxBy(static one => one.Sequence) is { } newest && !IsComplete(newest.Part) ? newest.Part!.Id : null;

    /// <summary>The place at which a subscription continues, and the later events that are already in the stream.</summary>
    /// <param name="boot">The host's boot id: a daemon of another boot does not know the cursors, even if they look alike.</param>
    public ResumePoint Resume(string boot)
    {
        if (_entries.Values.MaxBy(static one => one.Sequence) is not { } newest)
            return ResumePoint.None;
        if (newest.Boot is { } before && before != boot)
            return ResumePoint.None with { Reason = "restarted" };
        if (newest.IsState)
            return IsComplete(newest.Part) ? new ResumePoint(newest.Cursor, null, []) : ResumePoint.None;
        // A move is planned from the state before it, so an incomplete one cannot be planned again.
        if (IsMove(newest.Part) && !IsComplete(newest.Part))
            return ResumePoint.None;
        if (newest.After is not { } after)
            return ResumePoint.None;
        KeyValuePair<string, LedgerEntry>[] told = [.. _entries.Where(one => one.Value.After == after && one.Value.Cursor is not null)];
        // A complete move cannot be skipped among other events either, because it would be planned differently now. If it is alone, it was the last
        // thing sent.
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
/// <param name="Sequence">The message's place in the stream.</param>
/// <param name="Device">The device as it is listed; null if it is gone.</param>
/// <param name="DevPath">The device's devpath; empty if it is gone.</param>
/// <param name="Cursor">The daemon's cursor after the message.</param>
/// <param name="After">The daemon's cursor before everything that was sent together with the message.</param>
/// <param name="Part">The message's place in a transaction.</param>
/// <param name="IsState">True if it comes from a state, not from an event.</param>
/// <param name="Boot">The host's boot id; null for messages of this bridge.</param>
internal sealed record LedgerEntry(ulong Sequence, byte[]? Device, string DevPath, string? Cursor, string? After, TransactionPart? Part, bool IsState, string? Boot);

/// <summary>The place at which a subscription continues.</summary>
/// <param name="Cursor">The daemon's cursor; null for the state.</param>
/// <param name="After">The <see cref="FleetHeaders.After"/> of messages that were sent together and may be incomplete; null if all are
/// stored.</param>
/// <param name="Told">The stored ones of these messages: subjects, with their cursors.</param>
internal sealed record ResumePoint(string? Cursor, string? After, Dictionary<string, string> Told)
{
    /// <summary>The reason why there is no cursor, as a gap gives it; null for the usual ones.</summary>
    public string? Reason { get; init; }

    /// <summary>No place: the state is read.</summary>
    public static ResumePoint None => new(null, null, []);
}
