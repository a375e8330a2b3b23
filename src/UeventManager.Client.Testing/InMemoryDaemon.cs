namespace UeventManager.Client.Testing;

/// <summary>
/// A daemon in memory, for tests of a program that uses <see cref="UeventClient"/>: the same protocol and client code, but no socket, kernel or
/// rules. The test decides what happens. All members may be called from any thread; when a call returns, its events are already sent to every client.
/// </summary>
/// <example>
/// <code>
/// var daemon = new InMemoryDaemon();
/// daemon.Add(InMemoryDaemon.Device("/devices/virtual/net/veth0", "net"));
/// await using UeventClient client = daemon.CreateClient();
/// </code>
/// </example>
public sealed partial class InMemoryDaemon
{
    private const int MaxEvents = 65_536;

    private readonly object _lock = new();
    private readonly SortedDictionary<string, UeventDevice> _devices = new(StringComparer.Ordinal);
    private readonly List<InMemoryEvent> _events = [];
    private readonly List<InMemoryConnection> _connections = [];
    private readonly List<InMemorySubscriber> _subscribers = [];
    private readonly List<PendingWait> _waits = [];
    private readonly TimeProvider _time;
    private readonly long _started;
    private long _last;
    private int _run = 1;
    private bool _isStopped;

    /// <summary>Creates a running daemon without devices.</summary>
    /// <param name="time">The clock for timeouts and for the events' times; null for the system's clock.</param>
    public InMemoryDaemon(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _started = NowUsec;
    }

    /// <summary>The number of subscriptions.</summary>
    public int Subscribers
    {
        get
        {
            lock (_lock)
                return _subscribers.Count;
        }
    }

    private long NowUsec => (long)(_time.GetTimestamp() / (double)_time.TimestampFrequency * 1_000_000);

    /// <summary>Creates a device with the members that every device has.</summary>
    /// <param name="devpath">The devpath.</param>
    /// <param name="subsystem">The subsystem.</param>
    /// <param name="properties">Further properties of the uevent.</param>
    /// <returns>A settled device; change it using <c>with</c>.</returns>
    public static UeventDevice Device(string devpath, string subsystem, params (string Name, string Value)[] properties)
    {
        ArgumentException.ThrowIfNullOrEmpty(devpath);
        var all = new Dictionary<string, string>(StringComparer.Ordinal) { ["DEVPATH"] = devpath, ["SUBSYSTEM"] = subsystem };
        foreach ((string name, string value) in properties ?? [])
            all[name] = value;
        return new UeventDevice
        {
            DevPath = devpath,
            Subsystem = subsystem,
            SysName = devpath[(devpath.LastIndexOf('/') + 1)..],
            DevType = all.GetValueOrDefault("DEVTYPE"),
            DevNode = all.TryGetValue("DEVNAME", out string? node) ? "/dev/" + node : null,
            Driver = all.GetValueOrDefault("DRIVER"),
            Settled = true,
            Properties = all,
        };
    }

    /// <summary>Creates a client that connects to this daemon.</summary>
    /// <returns>The client.</returns>
    public UeventClient CreateClient() => new(_ => Task.FromResult(Connect()));

    /// <summary>Opens a connection for another kind of client.</summary>
    /// <returns>The client's end of the connection.</returns>
    /// <exception cref="DaemonUnreachableException">The daemon is stopped.</exception>
    public Stream Connect()
    {
        lock (_lock)
        {
            if (_isStopped)
                throw new DaemonUnreachableException("the in-memory daemon is stopped");
            (DuplexStream client, DuplexStream ours) = DuplexStream.Pair();
            var connection = new InMemoryConnection(this, ours);
            _connections.Add(connection);
            _ = connection.ServeAsync();
            return client;
        }
    }

    /// <summary>Announces devices in one transaction: each client gets them in one item.</summary>
    /// <param name="devices">New devices. A device with <see cref="UeventDevice.Settled"/> false waits: it is not announced until it is added again
    /// as settled.</param>
    public void Add(params UeventDevice[] devices) => Publish("add", devices);

    /// <summary>Announces that a device changed.</summary>
    /// <param name="device">The device as it is now.</param>
    /// <param name="action">The kernel's action, as <c>change</c>, <c>online</c> or <c>bind</c>.</param>
    public void Change(UeventDevice device, string action = "change") => Publish(action, [device]);

    /// <summary>Announces the remove of a device. Nothing is sent for an unknown or waiting device.</summary>
    /// <param name="devpath">The device's devpath.</param>
    public void Remove(string devpath)
    {
        lock (_lock)
        {
            if (_devices.Remove(devpath, out UeventDevice? device) && device.Settled)
                Send([new InMemoryEvent(Event("remove", device, null), device)]);
            AnswerWaits();
        }
    }

    /// <summary>Announces the move of a device. Its descendants move with it without an event of their own, as in the kernel.</summary>
    /// <param name="devpath">The device's old devpath.</param>
    /// <param name="device">The device after the move.</param>
    public void Move(string devpath, UeventDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        lock (_lock)
        {
            UeventEvent moved = Event("move", device, devpath);
            _devices.Remove(devpath, out UeventDevice? before);
            moved = moved with { RawOldDevPath = before?.RawDevPath };
            var carried = new List<InMemoryEvent>();
            foreach (UeventDevice below in _devices.Values.Where(d => DevicePlace.IsBelow(d.DevPath, devpath)).ToArray())
            {
                _devices.Remove(below.DevPath);
                UeventDevice now = below.Rebased(devpath, before?.RawDevPath, device.DevPath, device.RawDevPath);
                _devices[now.DevPath] = now;
                if (below.Settled)
                    carried.Add(new InMemoryEvent(moved with { Device = now, OldDevPath = below.DevPath, RawOldDevPath = below.RawDevPath, Seqnum = null, Synthetic = true }, below));
            }
            _devices[device.DevPath] = device;
            Send([new InMemoryEvent(moved, before is { Settled: true } ? before : null) { Below = carried }]);
        }
    }

    /// <summary>Simulates a loss: every subscriber gets the gap and the state, and no earlier cursor can be resumed.</summary>
    /// <param name="reason">The reason, as the interface names it.</param>
    /// <param name="lost">The number of lost events, if it is known.</param>
    /// <param name="meanwhile">The devices after the loss; null if they are unchanged.</param>
    public void Lose(string reason = "kernelOverrun", long? lost = null, params UeventDevice[]? meanwhile)
    {
        lock (_lock)
        {
            if (meanwhile is { Length: > 0 })
                ReplaceDevices(meanwhile);
            _events.Clear();
            _last++;
            foreach (InMemorySubscriber subscriber in _subscribers)
            {
                subscriber.SendGap(new UeventGap { Reason = reason, Lost = lost });
                if (!subscriber.IsStateless)
                    subscriber.SendState(_devices.Values, CursorOf(_last));
            }
            AnswerWaits();
        }
    }

    /// <summary>Closes every connection. The daemon runs on: cursors can be resumed.</summary>
    public void Disconnect()
    {
        lock (_lock)
        {
            foreach (InMemoryConnection connection in _connections.ToArray())
                connection.Close();
            _connections.Clear();
            _subscribers.Clear();
        }
    }

    /// <summary>Stops the daemon: every connection is closed, and none can be opened.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            Disconnect();
        }
    }

    /// <summary>Starts the daemon again.</summary>
    /// <param name="forgetCursors">True to start as after a crash: every cursor gets the gap <c>restarted</c>.</param>
    public void Start(bool forgetCursors = false)
    {
        lock (_lock)
        {
            _isStopped = false;
            if (forgetCursors)
            {
                _run++;
                _events.Clear();
            }
        }
    }

    private void ReplaceDevices(UeventDevice[] devices)
    {
        _devices.Clear();
        foreach (UeventDevice device in devices)
            _devices[device.DevPath] = device;
    }

    private void Publish(string action, UeventDevice[] devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        lock (_lock)
        {
            string? group = devices.Count(d => d.Settled) > 1 ? $"group {_last + 1}" : null;
            var events = new List<InMemoryEvent>();
            foreach (UeventDevice device in devices)
            {
                UeventDevice? before = _devices.GetValueOrDefault(device.DevPath) is { Settled: true } known ? known : null;
                if (!device.IsKobject)
                    _devices[device.DevPath] = device;
                if (device.Settled)
                    events.Add(new InMemoryEvent(Event(action, device, null) with { Group = group is null ? null : new UeventGroup { Id = group, Size = devices.Length, Partial = false } }, before));
            }
            // All events of a group have the last one's cursor.
            Send([.. events.Select(e => e with { Event = e.Event with { Cursor = events[^1].Event.Cursor } })]);
            AnswerWaits();
        }
    }

    private UeventEvent Event(string action, UeventDevice device, string? oldDevpath) => new()
    {
        Cursor = CursorOf(++_last),
        Action = action,
        Device = device,
        OldDevPath = oldDevpath,
        Seqnum = _last,
        Synthetic = false,
        ArrivedUsec = NowUsec,
        SettledUsec = NowUsec,
        RealtimeUsec = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
    };

    private void Send(InMemoryEvent[] events)
    {
        if (events.Length == 0)
            return;
        _events.AddRange(events);
        if (_events.Count > MaxEvents)
            _events.RemoveRange(0, _events.Count - MaxEvents);
        foreach (InMemorySubscriber subscriber in _subscribers)
            subscriber.SendEvents(events);
    }

    private string CursorOf(long number) => $"{_run}-{number}";
}
