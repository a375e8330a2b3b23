using System.Text.Json;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// A subscriber as the protocol wants one: it drops its picture at a gap, collects the state, and applies the events; a move to all that is below, too.
/// Each event can be taken once.
/// </summary>
public sealed class Subscription : IDisposable
{
    private VarlinkProbe _probe;
    private readonly Dictionary<string, DeviceView> _picture = new(StringComparer.Ordinal);
    private readonly List<EventView> _untaken = [];
    private readonly List<JsonElement> _gaps = [];

    private Subscription(VarlinkProbe probe) => _probe = probe;

    /// <summary>What the subscriber believes to exist, by devpath.</summary>
    public IReadOnlyDictionary<string, DeviceView> Picture => _picture;

    public IReadOnlyList<JsonElement> Gaps => _gaps;

    /// <summary>What no subscriber may be told: of a device that it does not know, or of a new one that it knows. Only with all actions.</summary>
    public List<string> Unfitting { get; } = [];

    /// <summary>Where a subscription goes on from here.</summary>
    public string? Cursor { get; private set; }

    /// <summary>The state is complete; false again from a gap to the end of the state that follows it.</summary>
    public bool Ready { get; private set; }

    public static Subscription Open(string socket, object? parameters = null) => Open(VarlinkProbe.Connect(socket), parameters);

    /// <summary>The same over a connection made before.</summary>
    public static Subscription Open(VarlinkProbe probe, object? parameters = null)
    {
        probe.Send(VarlinkProbe.Devices + "Subscribe", parameters, more: true);
        return new Subscription(probe);
    }

    /// <summary>Goes away.</summary>
    public void Leave() => _probe.Dispose();

    /// <summary>Comes back by the cursor, with the picture that it had.</summary>
    public void ComeBack(string socket, Dictionary<string, object> parameters)
    {
        _probe = VarlinkProbe.Connect(socket);
        _probe.Send(VarlinkProbe.Devices + "Subscribe", new Dictionary<string, object>(parameters) { ["cursor"] = Cursor! }, more: true);
    }

    public Subscription WaitReady(Deadline? deadline = null)
    {
        var until = deadline ?? Deadline.Default;
        while (!Ready)
            ReadReply("the state", until);
        return this;
    }

    /// <summary>The first gap, once the state that follows it is complete.</summary>
    public JsonElement WaitForGap(Deadline deadline)
    {
        while (_gaps.Count == 0 || !Ready)
            ReadReply("a gap and the state after it", deadline);
        return _gaps[0];
    }

    /// <summary>Takes the first event that <paramref name="wanted"/> accepts, also one that came before others already taken.</summary>
    public EventView WaitForEvent(Func<EventView, bool> wanted, Deadline? deadline = null, string what = "the event")
    {
        var until = deadline ?? Deadline.Default;
        while (true)
        {
            var index = _untaken.FindIndex(candidate => wanted(candidate));
            if (index >= 0)
            {
                var found = _untaken[index];
                _untaken.RemoveAt(index);
                return found;
            }

            ReadReply(what, until);
        }
    }

    /// <summary>Takes the next event in order.</summary>
    public EventView NextEvent(Deadline? deadline = null) => WaitForEvent(_ => true, deadline, "the next event");

    /// <summary>Takes every event up to and with the first that <paramref name="last"/> accepts, in order.</summary>
    public IReadOnlyList<EventView> EventsUntil(Func<EventView, bool> last, Deadline? deadline = null)
    {
        var until = deadline ?? Deadline.Default;
        var events = new List<EventView>();
        do
            events.Add(NextEvent(until));
        while (!last(events[^1]));
        return events;
    }

    /// <summary>Applies what comes until something holds of the picture; events stay to be taken.</summary>
    public void WaitUntil(Func<bool> holds, Deadline deadline, string what)
    {
        while (!holds())
            ReadReply(what, deadline);
    }

    public void Dispose() => _probe.Dispose();

    private void ReadReply(string what, Deadline deadline)
    {
        var reply = _probe.Read($"Subscribe, waiting for {what}", deadline);
        Assert.True(reply.Continues, "a subscription ended by itself");
        if (reply.Parameters.TryGetProperty("gap", out var gap) && gap.ValueKind == JsonValueKind.Object)
        {
            _gaps.Add(gap);
            _picture.Clear();
            Ready = false;
        }

        foreach (var device in Items(reply.Parameters, "state"))
            _picture[new DeviceView(device).DevPath] = new DeviceView(device);
        foreach (var one in Items(reply.Parameters, "events"))
            Apply(new EventView(one));
        if (reply.Parameters.TryGetProperty("ready", out var ready) && ready.ValueKind == JsonValueKind.True)
            Ready = true;
        if (reply.Parameters.TryGetProperty("cursor", out var cursor) && cursor.ValueKind == JsonValueKind.String)
            Cursor = cursor.GetString();
    }

    private void Apply(EventView one)
    {
        _untaken.Add(one);
        Cursor = one.Cursor;
        if (one.Device.IsKobject)
            return;
        if (_picture.ContainsKey(one.OldDevPath ?? one.Device.DevPath) == (one.Action == "add"))
            Unfitting.Add(one.ToString());
        if (one.OldDevPath is { } old && old != one.Device.DevPath)
            Rekey(old, one.Device.DevPath);
        if (one.Action == "remove")
            _picture.Remove(one.Device.DevPath);
        else
            _picture[one.Device.DevPath] = one.Device;
    }

    private void Rekey(string old, string now)
    {
        _picture.Remove(old);
        foreach (var path in _picture.Keys.Where(path => path.StartsWith(old + "/", StringComparison.Ordinal)).ToList())
        {
            _picture.Remove(path, out var below);
            _picture[now + path[old.Length..]] = below.Moved(old, now);
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parameters, string name) =>
        parameters.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
}
