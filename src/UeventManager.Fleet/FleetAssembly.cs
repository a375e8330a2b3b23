namespace UeventManager.Fleet;

/// <summary>
/// The known state of a fleet: takes the stream's messages and returns the changes. It has no clock: the time is an argument, in milliseconds of any
/// clock that only goes forward.
/// </summary>
/// <param name="wantsHost">Selects hosts.</param>
/// <param name="after">The place in the stream after which reading continues; null to read the state first.</param>
internal sealed class FleetAssembly(Func<string, bool> wantsHost, FleetPosition? after)
{
    // The time for which a state waits for the rest of a transaction.
    private const long LongestMsec = 5000;
    private const int MissedBeats = 3;
    private const long UsualBeatMsec = 10_000;

    private readonly Dictionary<string, HostAssembly?> _hosts = new(StringComparer.Ordinal);
    private readonly List<FleetChange> _changes = [];
    private bool _readsState = after is null;
    private bool _isReplayed = after is null || after.Value.OpenFrom == after.Value.Sequence;
    private ulong _newest = after?.Sequence ?? 0;
    private long _stateSince = -1;

    /// <summary>The place at which a consumer continues that has taken all changes so far.</summary>
    public FleetPosition Position { get; private set; } = after ?? default;

    /// <summary>The hosts.</summary>
    public IEnumerable<HostAssembly> Hosts => _hosts.Values.OfType<HostAssembly>();

    /// <summary>A host; null if it is unknown.</summary>
    public HostAssembly? this[string name] => _hosts.GetValueOrDefault(FleetSubjects.Encode(name));

    /// <summary>Takes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The time by the monotonic clock.</param>
    public void Take(FleetMessage message, long now)
    {
        if (after is { } seen && !_isReplayed && message.Sequence > seen.Sequence)
            EndReplay();
        _newest = Math.Max(_newest, message.Sequence);
        if (message.IsPruned)
            Forget(message);
        if (message.IsPruned || HostOf(message, now) is not { } host)
            return;
        if (_readsState)
            host.TakeState(message);
        else
            _changes.AddRange(host.Take(message, after?.OpenFrom ?? 0, !_isReplayed));
        if (message.IsLease)
            Beat(host, now, message.Age);
        if (_readsState && _stateSince >= 0)
            EndState(now);
        // Replayed messages only restore unfinished transactions; the consumer has their changes already.
        if (!_isReplayed)
            _changes.Clear();
    }

    /// <summary>Notes that the newest messages of all subjects have been taken.</summary>
    public void StateRead(long now)
    {
        if (!_readsState || _stateSince >= 0)
            return;
        _stateSince = now;
        EndState(now);
    }

    /// <summary>Forgets everything; the state follows.</summary>
    /// <param name="reason">The reason, as a gap gives it.</param>
    public void Reset(string reason)
    {
        foreach (HostAssembly host in Hosts.Where(static host => host.IsToldOf))
            _changes.Add(new FleetGap(host.Name, new Client.UeventGap { Reason = reason }));
        _hosts.Clear();
        after = null;
        _isReplayed = true;
        (_readsState, _stateSince) = (true, -1);
    }

    /// <summary>Handles the passing of time.</summary>
    public void Tick(long now)
    {
        foreach (HostAssembly host in _isReplayed ? Hosts : [])
        {
            if (host.State != FleetHostState.Stale && now >= host.StaleAt)
                SetState(host, FleetHostState.Stale);
        }
        if (_readsState && _stateSince >= 0)
            EndState(now);
    }

    /// <summary>Takes the changes so far.</summary>
    public IReadOnlyList<FleetChange> TakeChanges()
    {
        FleetPosition before = Position;
        ulong open = Hosts.Min(static host => host.OpenSince) is { } first ? first - 1 : _newest;
        Position = new FleetPosition(_newest, Math.Min(open, _newest));
        // A consumer that took only some of these changes gets all of them again: only the last one must not come twice.
        FleetChange[] changes = [.. _changes.Select((change, index) => change with { Position = index == _changes.Count - 1 ? Position : before })];
        _changes.Clear();
        return changes;
    }

    /// <summary>True if <see cref="TakeChanges"/> has changes.</summary>
    public bool HasChanges => _changes.Count > 0;

    private void EndReplay()
    {
        _isReplayed = true;
        _changes.Clear();
        foreach (HostAssembly host in Hosts)
            host.EndReplay();
    }

    // Forgets a host whose messages were all purged, unless newer ones came since.
    private void Forget(FleetMessage message)
    {
        string part = FleetSubjects.HostPart(message.Subject);
        if (FleetPruned.Of(message) is not { Whole: true } pruned || _hosts.GetValueOrDefault(part) is not { } host || host.Newest > pruned.Sequence)
            return;
        _hosts.Remove(part);
        if (!_readsState)
            _changes.Add(new FleetHostChange(host.ToHost() with { State = FleetHostState.Purged }));
    }

    private HostAssembly? HostOf(FleetMessage message, long now)
    {
        string part = FleetSubjects.HostPart(message.Subject);
        if (part.Length == 0)
            return null;
        if (_hosts.TryGetValue(part, out HostAssembly? known))
            return known;
        string name = FleetSubjects.Decode(part);
        HostAssembly? host = wantsHost(name) ? new HostAssembly(name) { StaleAt = now + (MissedBeats * UsualBeatMsec) } : null;
        _hosts.Add(part, host);
        return host;
    }

    private void Beat(HostAssembly host, long now, TimeSpan age)
    {
        if (host.Lease is not { } lease)
            return;
        long longest = MissedBeats * Math.Clamp(lease.BeatMsec, 100, 600_000);
        host.StaleAt = now + Math.Clamp(longest - (long)age.TotalMilliseconds, 0, longest);
        FleetHostState state = lease.State switch { "stopped" => FleetHostState.Stopped, "daemonAway" => FleetHostState.DaemonAway, _ => FleetHostState.Live };
        SetState(host, host.StaleAt <= now ? FleetHostState.Stale : state);
    }

    private void SetState(HostAssembly host, FleetHostState state)
    {
        bool isFirst = !_readsState && !host.IsToldOf;
        if (host.State == state && !isFirst)
            return;
        host.State = state;
        if (_readsState)
            return;
        host.IsToldOf = true;
        _changes.Add(new FleetHostChange(host.ToHost()));
    }

    // The state never contains half a transaction; but a host whose bridge is gone or slow must not delay the state of the others.
    private void EndState(long now)
    {
        bool isEnough = now - _stateSince >= LongestMsec;
        foreach (HostAssembly host in Hosts)
        {
            if (host.IsNew && !host.TryEndState(isEnough || host.State is FleetHostState.Stale or FleetHostState.Stopped))
                return;
        }
        _readsState = false;
        foreach (HostAssembly host in Hosts)
        {
            host.IsToldOf = true;
            // The lease was deleted from the stream, so no bridge vouches for the devices.
            if (host.Lease is null)
                host.State = FleetHostState.Stale;
        }
        _changes.Add(new FleetState([.. Hosts.SelectMany(static host => host.Devices.Values)], [.. Hosts.Select(static host => host.ToHost())]));
    }
}
