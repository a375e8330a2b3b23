using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>The known state of one host: combines its messages to transactions. It has no clock.</summary>
internal sealed class HostAssembly(string name)
{
    private readonly Dictionary<string, SubjectEntry> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FleetDevice> _devices = new(StringComparer.Ordinal);
    private readonly List<FleetMessage> _held = [];
    private readonly HashSet<int> _parts = [];
    private TransactionPart? _open;
    private bool _isGapTold;
    private string? _passed;

    /// <summary>The host's name.</summary>
    public string Name { get; } = name;

    /// <summary>The newest lease.</summary>
    public FleetLease? Lease { get; private set; }

    /// <summary>The time of that lease, by the broker's clock.</summary>
    public DateTimeOffset? LeaseTime { get; private set; }

    /// <summary>The host's state, set by the owner of the clock.</summary>
    public FleetHostState State { get; set; }

    /// <summary>The time at which the lease counts as missed, by the owner's clock.</summary>
    public long StaleAt { get; set; } = long.MaxValue;

    /// <summary>True once consumers know the host, from a state or a change.</summary>
    public bool IsToldOf { get; set; }

    /// <summary>True until the host is part of a state.</summary>
    public bool IsNew { get; private set; } = true;

    /// <summary>The devices by devpath.</summary>
    public IReadOnlyDictionary<string, FleetDevice> Devices => _devices;

    /// <summary>The host for consumers.</summary>
    public FleetHost ToHost() => new(Name, State, Lease, LeaseTime);

    /// <summary>The sequence of the newest message.</summary>
    public ulong Newest { get; private set; }

    /// <summary>Takes a message of the state that is being read: the newest of its subject.</summary>
    public void TakeState(FleetMessage message)
    {
        Newest = message.Sequence;
        if (message.IsLease)
            TakeLease(message);
        else
            _held.Add(message);
    }

    /// <summary>Ends the state unless it contains an incomplete transaction.</summary>
    /// <param name="isEnough">True to end it even then.</param>
    /// <returns>False if messages are still missing.</returns>
    public bool TryEndState(bool isEnough)
    {
        if (!isEnough && _held.Count > 0 && _held[^1] is { Part: { } part } newest && _held.Count(one => one.Part?.Id == part.Id) < part.Size && !EndsTransactions(newest.Sequence))
            return false;
        foreach (FleetMessage message in _held)
            Apply(message, null);
        _held.Clear();
        IsNew = false;
        return true;
    }

    /// <summary>Takes a newly published message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="after">The place at which reading began; older messages were seen before.</param>
    /// <param name="isReplay">True for messages that the consumer has seen before, which are read again to complete open transactions.</param>
    /// <returns>The changes, in order.</returns>
    public IReadOnlyList<FleetChange> Take(FleetMessage message, ulong after, bool isReplay)
    {
        IsNew = false;
        Newest = message.Sequence;
        if (message.IsLease)
            return TakeLeaseAsChange(message);
        var changes = new List<FleetChange>();
        if (Misses(message, after))
            changes.Add(new FleetGap(Name, new UeventGap { Reason = "superseded" }));
        TransactionPart? part = message.Part;
        bool begins = part is not null && part.Id != _open?.Id;
        // A transaction that began before the replayed messages was complete, or else its beginning would be replayed too.
        if (isReplay && begins && (part!.Number != 1 || part.Id == _passed))
            (_passed, part, begins) = (part.Id, null, false);
        if (begins)
        {
            // A new transaction ends an unfinished one. Its missing messages were superseded, unless the bridge reads the state again and reports
            // that.
            if (_open is not null && !_isGapTold && changes.Count == 0 && message.Gap is null)
                changes.Add(new FleetGap(Name, new UeventGap { Reason = "superseded" }));
            _open = part;
            _parts.Clear();
        }
        if (message.Gap is { } reason && reason != "started" && (message.Part is null || (begins && message.Part is { Number: 1 })))
            changes.Add(new FleetGap(Name, new UeventGap { Reason = reason }));
        if (part is { } own)
        {
            _parts.Add(own.Number);
            if (_parts.Count == own.Size)
                _open = null;
        }
        _held.Add(message);
        _isGapTold |= changes.Count > 0;
        if (_open is null)
            Release(changes);
        return changes;
    }

    /// <summary>The first message of the unfinished transaction; null if none is open.</summary>
    public ulong? OpenSince => _held is [var first, ..] ? first.Sequence : null;

    /// <summary>Ends the replay of messages that the consumer has seen before. A transaction that is not complete yet is kept.</summary>
    public void EndReplay() => IsToldOf = false;

    /// <summary>A device of the host; null if there is none at this devpath.</summary>
    public UeventDevice? Find(string devpath) => _devices.GetValueOrDefault(devpath)?.Device;

    private List<FleetChange> TakeLeaseAsChange(FleetMessage message)
    {
        var changes = new List<FleetChange>();
        FleetLease? before = Lease;
        TakeLease(message);
        // Events lost between two equal states are lost nevertheless, so the gap is reported.
        if (before is not null && Lease is { LastGap: { } reason } now && now.Instance == before.Instance && now.Gaps > before.Gaps && reason != "started")
            changes.Add(new FleetGap(Name, new UeventGap { Reason = reason }));
        if (_open is not null && EndsTransactions(_held[^1].Sequence))
        {
            // The stream no longer has the missing messages.
            if (!_isGapTold && changes.Count == 0)
                changes.Add(new FleetGap(Name, new UeventGap { Reason = "superseded" }));
            Release(changes);
        }
        return changes;
    }

    private void TakeLease(FleetMessage message)
    {
        if (FleetLease.TryParse(message.Payload.Span) is not { } lease)
            return;
        (Lease, LeaseTime) = (lease, message.Time);
    }

    private bool EndsTransactions(ulong sequence) => Lease is { } lease && lease.WholeTo >= sequence;

    private bool Misses(FleetMessage message, ulong after) =>
        message.Before is { } before && before > after && (!_subjects.TryGetValue(message.Subject, out SubjectEntry entry) || entry.Sequence < before)
        && !_held.Exists(one => one.Sequence == before);

    private void Release(List<FleetChange> changes)
    {
        var events = new List<FleetEvent>();
        foreach (FleetMessage message in _held)
            Apply(message, events);
        _held.Clear();
        _open = null;
        _isGapTold = false;
        if (events.Count > 0)
            changes.Add(new FleetEvents(Name, events));
    }

    private void Apply(FleetMessage message, List<FleetEvent>? events)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> lines = FleetLine.Split(message.Payload);
        if (events is not null)
        {
            foreach (ReadOnlyMemory<byte> line in lines)
            {
                if (FleetLine.TryParse(line.Span) is { } one)
                    events.Add(new FleetEvent(Name, one));
            }
        }
        if (_subjects.TryGetValue(message.Subject, out SubjectEntry before) && before.Device is { } known && _devices.GetValueOrDefault(known.DevPath) == known)
            _devices.Remove(known.DevPath);
        FleetDevice? device = null;
        if (!message.IsGone && lines is [.., var newest] && FleetLine.DeviceOf(newest.Span) is { Length: > 0 } json && FleetLine.DevpathOf(json) is { Length: > 0 } devpath)
            _devices[devpath] = device = new FleetDevice(Name, devpath, json);
        _subjects[message.Subject] = new SubjectEntry(message.Sequence, device);
    }

    private readonly record struct SubjectEntry(ulong Sequence, FleetDevice? Device);
}
