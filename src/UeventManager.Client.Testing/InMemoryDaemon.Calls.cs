using System.Text.Json;

namespace UeventManager.Client.Testing;

// The methods that clients call.
public sealed partial class InMemoryDaemon
{
    private const string Name = "org.ueventmanager.Devices.";
    private const string ControlName = "org.ueventmanager.Control.";
    private const string ServiceName = "org.varlink.service.";

    internal Task AnswerAsync(InMemoryConnection connection, string method, JsonElement parameters)
    {
        // Absent parameters equal empty ones.
        string json = parameters.ValueKind == JsonValueKind.Object ? parameters.GetRawText() : "{}";
        lock (_lock)
        {
            switch (method)
            {
                case Name + "Subscribe":
                    return SubscribeAsync(connection, JsonSerializer.Deserialize(json, WireJson.Default.SubscribeParameters)!);
                case Name + "Wait":
                    return WaitAsync(connection, JsonSerializer.Deserialize(json, WireJson.Default.WaitParameters)!);
                case Name + "List":
                    connection.Send(List(JsonSerializer.Deserialize(json, WireJson.Default.ListParameters)!));
                    break;
                case Name + "Get":
                    connection.Send(Get(JsonSerializer.Deserialize(json, WireJson.Default.GetParameters)!.Device));
                    break;
                case Name + "Status":
                    connection.Send(ServerFrame.Reply(Status(), WireJson.Default.DaemonStatus));
                    break;
                case Name + "Settle":
                    connection.Send(ServerFrame.Reply(new NoReply(), WireJson.Default.NoReply));
                    break;
                case Name + "Explain":
                    connection.Send(Explain(JsonSerializer.Deserialize(json, WireJson.Default.GetParameters)!.Device));
                    break;
                case Name + "Metrics":
                    connection.Send(Metrics(JsonSerializer.Deserialize(json, WireJson.Default.MetricsParameters)!.Format));
                    break;
                case ControlName + "Release":
                    connection.Send(Release(JsonSerializer.Deserialize(json, WireJson.Default.GetParameters)!.Device));
                    break;
                case ControlName + "Reload":
                    connection.Send(Reload());
                    break;
                case ServiceName + "GetInfo":
                    connection.Send(ServerFrame.Reply(Info(), WireJson.Default.ServiceInfo));
                    break;
                default:
                    connection.Send(ServerFrame.Error(ServiceName + "MethodNotImplemented", "method", method));
                    break;
            }
        }
        return Task.CompletedTask;
    }

    internal void Forget(InMemoryConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
            _subscribers.RemoveAll(s => s.Connection == connection);
        }
    }

    // A stream ends only with its connection, so no further call is read from it.
    private Task SubscribeAsync(InMemoryConnection connection, SubscribeParameters wanted)
    {
        if (connection.Closed.IsCompleted)
            return Task.CompletedTask;
        var subscriber = new InMemorySubscriber(connection, wanted, _devices.GetValueOrDefault);
        if (wanted.SinceUsec is { } usec)
        {
            if (wanted.Cursor is not null || wanted.Stateless != true)
            {
                connection.Send(ServerFrame.Error(ServiceName + "InvalidParameter", "parameter", "sinceUsec"));
                return Task.CompletedTask;
            }
            int first = _events.FindIndex(e => e.Event.SettledUsec >= usec);
            subscriber.Resume(CursorOf(_last), first < 0 ? [] : _events.Skip(first), []);
        }
        else if (wanted.Cursor is not { } cursor)
        {
            subscriber.SendState(_devices.Values, CursorOf(_last));
        }
        else if (PlaceOf(cursor) is { } place)
        {
            subscriber.Resume(cursor, _events.Skip(place), KnownBefore(place));
        }
        else
        {
            subscriber.SendGap(new UeventGap { Reason = cursor.StartsWith($"{_run}-", StringComparison.Ordinal) ? "cursorUnknown" : "restarted" });
            subscriber.SendState(_devices.Values, CursorOf(_last));
        }
        _subscribers.Add(subscriber);
        return connection.Closed;
    }

    // The number of stored events before a cursor; null if the events after it are not complete.
    private int? PlaceOf(string cursor)
    {
        if (cursor == CursorOf(_last))
            return _events.Count;
        int at = _events.FindLastIndex(e => e.Event.Cursor == cursor);
        return at < 0 ? null : at + 1;
    }

    private Dictionary<string, UeventDevice>.ValueCollection KnownBefore(int place)
    {
        // Undo the events backwards from the present devices.
        var known = _devices.Values.Where(d => d.Settled).ToDictionary(d => d.DevPath, StringComparer.Ordinal);
        foreach (InMemoryEvent one in Enumerable.Reverse(_events.Skip(place)).SelectMany(one => one.Below.Append(one)))
        {
            if (one.Event.Device.IsKobject)
                continue;
            known.Remove(one.Event.Device.DevPath);
            if (one.Before is { } before)
                known[before.DevPath] = before;
        }
        return known.Values;
    }

    private byte[] List(ListParameters wanted)
    {
        UeventDevice[] devices = [.. _devices.Values.Where(d => (d.Settled || wanted.Unsettled == true) && FilterMatch.Wants(wanted.Filter, d, _devices.GetValueOrDefault))];
        return ServerFrame.Reply(new DeviceList { Devices = devices, Cursor = CursorOf(_last) }, WireJson.Default.DeviceList);
    }

    private byte[] Get(string name) => Find(name) switch
    {
        null => ServerFrame.Error(Name + "NoSuchDevice", "device", name),
        { Settled: false } waiting => ServerFrame.Missing(Name + "NotSettled", waiting.DevPath, waiting.Missing ?? []),
        var device => ServerFrame.Reply(new GetReply(device), WireJson.Default.GetReply),
    };

    private UeventDevice? Find(string name) => _devices.Values.FirstOrDefault(d =>
        name == d.DevPath || name == "/sys" + d.DevPath || name == d.DevNode || name == $"{d.Subsystem}:{d.SysName}"
        || name == $"/sys/class/{d.Subsystem}/{d.SysName}" || name == $"/sys/bus/{d.Subsystem}/devices/{d.SysName}");

    private DaemonStatus Status() => new()
    {
        Version = "in memory",
        StartedUsec = _started,
        Devices = _devices.Values.Count(d => d.Settled),
        Waiting = _devices.Values.Count(d => !d.Settled),
        Held = 0,
        Rules = 0,
        Counters = new Dictionary<string, long> { ["events"] = _last },
        Subscribers = [.. _subscribers.Select(_ => new DaemonSubscriber { Pid = 0, Uid = 0, QueuedEvents = 0, QueuedBytes = 0, Gaps = 0, SinceUsec = _started })],
    };

    // Nothing is counted in memory, so the metrics are empty.
    private static byte[] Metrics(string? format) => format switch
    {
        null or "prometheus" => ServerFrame.Reply(new MetricsReply(""), WireJson.Default.MetricsReply),
        "openmetrics" => ServerFrame.Reply(new MetricsReply("# EOF\n"), WireJson.Default.MetricsReply),
        _ => ServerFrame.Error(ServiceName + "InvalidParameter", "parameter", "format"),
    };

    private static ServiceInfo Info() => new()
    {
        Vendor = "UeventManager",
        Product = "uevent-manager in memory",
        Version = "in memory",
        Url = "",
        Interfaces = ["org.ueventmanager.Control", "org.ueventmanager.Devices", "org.varlink.service"],
    };
}
