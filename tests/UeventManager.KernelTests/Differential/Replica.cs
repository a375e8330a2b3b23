using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>
/// A subscriber as the protocol wants one. It drops its picture at a gap, collects the state and applies the events, a move to all that it knows
/// below the old path; each reply is judged before it is applied.
/// </summary>
internal sealed class Replica : IDisposable
{
    private readonly ReplicaJudge _judge;
    private readonly List<string> _trace = [];
    private VarlinkProbe? _probe;
    private Dictionary<string, Known> _picture = new(StringComparer.Ordinal);
    private HashSet<string> _pending = new(StringComparer.Ordinal);
    private (string Cursor, Dictionary<string, Known> Picture, HashSet<string> Pending)? _checkpoint;

    public Replica(string name, FilterModel? filter, bool stateless, bool unsettled, World world)
    {
        (Name, Filter, Stateless, Unsettled) = (name, filter, stateless, unsettled);
        _judge = new ReplicaJudge(this, world);
    }

    public string Name { get; }

    public FilterModel? Filter { get; }

    public bool Stateless { get; }

    public bool Unsettled { get; }

    /// <summary>The devices that it was told of, without those that only wait.</summary>
    public IReadOnlyDictionary<string, Known> Picture => _picture;

    public string? Cursor { get; private set; }

    public bool Ready { get; private set; }

    public bool IsConnected => _probe is not null;

    /// <summary>What a cursor given at the last connection allows: the first gap with this reason, or none.</summary>
    public IReadOnlyList<string> AllowedGaps { get; set; } = [];

    public bool Resumed { get; private set; }

    public void Connect(string socket, bool resume, bool fromCheckpoint)
    {
        _probe?.Dispose();
        if (resume && fromCheckpoint && _checkpoint is { } point)
            (Cursor, _picture, _pending) = (point.Cursor, new(point.Picture, StringComparer.Ordinal), new(point.Pending, StringComparer.Ordinal));
        Resumed = resume && Cursor is not null && Ready;
        if (!Resumed)
            (Cursor, _picture, _pending) = (null, new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        Ready = false;
        Trace(Resumed ? $"resume at {Cursor}{(fromCheckpoint ? ", an older one" : "")}" : "subscribe");
        _judge.Begin(Cursor);
        _probe = VarlinkProbe.Connect(socket);
        _probe.Send(VarlinkProbe.Devices + "Subscribe", new { filter = Filter?.ToParameter(), cursor = Cursor, stateless = Stateless, unsettled = Unsettled }, more: true);
    }

    /// <summary>Keeps the place where it is now, to go on from there some other time.</summary>
    public void Remember()
    {
        if (Ready && Cursor is not null)
            _checkpoint = (Cursor, new(_picture, StringComparer.Ordinal), new(_pending, StringComparer.Ordinal));
    }

    /// <summary>Forgets the older place: the daemon that knew it is gone.</summary>
    public void ForgetCheckpoint() => _checkpoint = null;

    /// <summary>Takes every reply that is there, or that comes within the time. Returns whether there was one.</summary>
    public bool Read(Deadline wait, bool mayClose = false)
    {
        var any = false;
        while (_probe is not null && _probe.HasReply(any ? Deadline.Seconds(0) : wait))
        {
            any = true;
            if (_probe.TryReadReply(Deadline.Default) is not { } reply)
            {
                Trace("closed");
                Disconnect();
                if (!mayClose)
                    throw new ViolationException($"connection: the daemon closed {Name}'s subscription");
                return true;
            }
            if (reply.Error is not null || !reply.Continues)
                throw new ViolationException($"protocol: {Name} got {reply.Error} {reply.Parameters}, continues {reply.Continues}");
            Take(reply.Parameters);
        }
        return any;
    }

    public void Disconnect()
    {
        _probe?.Dispose();
        _probe = null;
    }

    public string Tail(int count) => string.Join('\n', _trace.TakeLast(count));

    public void Dispose() => Disconnect();

    public override string ToString() => $"{Name}{(Filter is null ? "" : $" {Filter}")}{(Stateless ? " stateless" : "")}{(Unsettled ? " unsettled" : "")}";

    private void Take(JsonElement parameters)
    {
        if (parameters.TryGetProperty("gap", out var gap))
            TakeGap(gap.GetProperty("reason").GetString()!);
        foreach (var device in Items(parameters, "state").Select(Known.From))
            TakeState(device);
        var events = Items(parameters, "events").ToList();
        if (events.Count > 0)
            _judge.Events(events);
        foreach (var one in events)
            TakeEvent(one);
        if (parameters.TryGetProperty("ready", out var ready) && ready.GetBoolean())
        {
            Trace($"ready, {_picture.Count} known");
            Ready = true;
        }
        // An event's own cursor counts: that of a state's last reply comes with ready.
        if (parameters.TryGetProperty("cursor", out var cursor) && cursor.GetString() is { } text)
        {
            Cursor = text;
            _judge.StateAt(text);
        }
    }

    private void TakeGap(string reason)
    {
        Trace($"gap {reason}");
        _judge.Gap(reason);
        _picture.Clear();
        _pending.Clear();
        Ready = Stateless;
        _checkpoint = null;
    }

    private void TakeState(Known device)
    {
        if (Ready)
            throw new ViolationException($"G7: {Name} got state after ready: {device}");
        Trace($"state {device.DevPath} {device.Instance}{(device.Settled ? "" : " unsettled")}");
        if (!_picture.TryAdd(device.DevPath, device))
            throw new ViolationException($"G7: {Name}'s state has {device.DevPath} twice");
        if (Unsettled && !device.Settled)
            _pending.Add(device.DevPath);
    }

    private void TakeEvent(JsonElement json)
    {
        var one = new ReplicaEvent(json);
        Trace(one.ToString());
        Cursor = one.Cursor;
        if (one.IsKobject || Stateless)
            return;
        // What only waits may be announced, or never be heard of again.
        foreach (var path in _pending.Where(path => path == one.DevPath || (one.Old is not null && (path == one.Old || World.IsBelow(path, one.Old)))).ToList())
        {
            _pending.Remove(path);
            if (path == one.DevPath && (one.Action is "add" or "move"))
                _picture.Remove(path);
            // Announced unsettled or only waiting, it goes with what is above it.
            if (one.Old is { } old && World.IsBelow(path, old))
                _pending.Add(one.DevPath + path[old.Length..]);
        }
        _judge.Event(one);
        Apply(one);
    }

    private void Apply(ReplicaEvent one)
    {
        if (one.Action == "remove")
        {
            _picture.Remove(one.DevPath);
            foreach (var path in _pending.Where(path => World.IsBelow(path, one.DevPath)).ToList())
            {
                _pending.Remove(path);
                _picture.Remove(path);
            }
            return;
        }
        if (one.Old is { } old && old != one.DevPath)
        {
            foreach (var path in _picture.Keys.Where(path => path == old || World.IsBelow(path, old)).ToList())
            {
                _picture.Remove(path, out var below);
                var moved = below!.Moved(old, one.DevPath);
                _picture[moved.DevPath] = moved;
            }
        }
        _picture[one.DevPath] = one.Device;
    }

    private void Trace(string line) => _trace.Add(line);

    private static JsonElement.ArrayEnumerator Items(JsonElement parameters, string name) =>
        parameters.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    /// <summary>What it knows and List does not have because it only waited and went.</summary>
    public bool IsPending(string path) => _pending.Contains(path);

}
