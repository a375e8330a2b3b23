namespace UeventManager.Fleet;

/// <summary>
/// The known state of a fleet: takes the stream's messages and returns the changes. It has no clock: the time is an argument, in milliseconds of any
/// clock that only goes forward.
/// </summary>
/// <param name="wantsHost">Selects hosts.</param>
/// <param name="after">The place in the stream after which reading continues; null to read the state first.</param>
internal sealed class FleetAssembly(Func<string, bool> wantsHost, ulong? after)
{
    // The time for which a state waits for the rest of a transaction.
    private const long LongestMsec = 5000;
    private const int MissedBeats = 3;

    private readonly Dictionary<string, HostAssembly?> _hosts = new(StringComparer.Ordinal);
    private readonly List<FleetChange> _changes = [];
    private bool _readsState = after is null;
    private long _stateSince = -1;

    /// <summary>The sequence of the newest message taken.</summary>
    public ulong Sequence { get; private set; } = after ?? 0;

    /// <summary>The hosts.</summary>
    public IEnumerable<HostAssembly> Hosts => _hosts.Values.OfType<HostAssembly>();

    /// <summary>A host; null if it is unknown.</summary>
    public HostAssembly? this[string name] => _hosts.GetValueOrDefault(FleetSubjects.Encode(name));

    /// <summary>Takes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The time by the monotonic clock.</param>
    /// <param name="utc">The wall-clock time, for the age of leases that are part of the state.</param>
    public void Take(FleetMessage message, long now, DateTimeOffset utc)
    {
        Sequence = Math.Max(Sequence, message.Sequence);
        if (HostOf(message) is not { } host)
            return;
        if (_readsState)
            host.TakeState(message);
        else
            _changes.AddRange(host.Take(message, after ?? 0));
        if (message.IsLease)
            Beat(host, now, _readsState && _stateSince < 0 ? utc - message.Time : TimeSpan.Zero);
        if (_readsState && _stateSince >= 0)
            EndState(now);
    }

    /// <summary>Notes that the newest messages of all subjects have been taken.</summary>
    public void StateRead(long now)
    {
        if (!_readsState || _stateSince >= 0)
            return;
        _stateSince = now;
        EndState(now);
    }

    /// <summary>Forgets everything, because the stream was created anew or lost its messages.</summary>
    public void Reset()
    {
        foreach (HostAssembly host in Hosts.Where(static host => host.IsToldOf))
            _changes.Add(new FleetGap(host.Name, new Client.UeventGap { Reason = "brokerLost" }) { Sequence = Sequence });
        _hosts.Clear();
        after = null;
        (_readsState, _stateSince) = (true, -1);
    }

    /// <summary>Handles the passing of time.</summary>
    public void Tick(long now)
    {
        foreach (HostAssembly host in Hosts)
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
        FleetChange[] changes = [.. _changes];
        _changes.Clear();
        return changes;
    }

    /// <summary>True if <see cref="TakeChanges"/> has changes.</summary>
    public bool HasChanges => _changes.Count > 0;

    private HostAssembly? HostOf(FleetMessage message)
    {
        string part = FleetSubjects.HostPart(message.Subject);
        if (part.Length == 0)
            return null;
        if (_hosts.TryGetValue(part, out HostAssembly? known))
            return known;
        string name = FleetSubjects.Decode(part);
        HostAssembly? host = wantsHost(name) ? new HostAssembly(name) : null;
        _hosts.Add(part, host);
        return host;
    }

    private void Beat(HostAssembly host, long now, TimeSpan age)
    {
        if (host.Lease is not { } lease)
            return;
        long longest = MissedBeats * Math.Clamp(lease.BeatMsec, 100, 600_000);
        // If two clocks differ, a lease may seem to come from the future.
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
        _changes.Add(new FleetHostChange(host.ToHost()) { Sequence = Sequence });
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
            host.IsToldOf = true;
        _changes.Add(new FleetState([.. Hosts.SelectMany(static host => host.Devices.Values)], [.. Hosts.Select(static host => host.ToHost())]) { Sequence = Sequence });
    }
}
