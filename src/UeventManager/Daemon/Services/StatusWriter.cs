using System.Buffers;
using System.Reflection;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Sysfs;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Writes the reply of <c>Status</c>.</summary>
internal sealed class StatusWriter(Pipeline pipeline, Subscriptions subscriptions, KernelInput kernel, LookAnswerer looks, long startedUsec)
{
    // If many devices cannot be looked at, the first ones suffice.
    private const int MostUnseen = 16;

    /// <summary>This program's version.</summary>
    public static string Version { get; } =
        typeof(StatusWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>The reply's parameters.</summary>
    public byte[] Write()
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        var engine = pipeline.Engine;
        var (announced, waiting, held) = Count(engine.Devices);
        var stuck = looks.Stuck;
        json.WriteStartObject();
        json.WriteString("version"u8, Version);
        json.WriteNumber("startedUsec"u8, startedUsec);
        json.WriteNumber("nowUsec"u8, Monotonic.NowUsec);
        json.WriteNumber("devices"u8, announced);
        json.WriteNumber("waiting"u8, waiting);
        json.WriteNumber("held"u8, held);
        json.WriteNumber("unfinished"u8, engine.Devices.All().Count(static device => device.State == DeviceState.Announced && !DeviceWait.IsSettled(device)));
        json.WriteNumber("rules"u8, engine.Rules.Rules.Count);
        json.WriteStartObject("counters"u8);
        foreach (var (name, value) in engine.Counters.All().Concat(kernel.Rejections()).Concat(Udev?.Rejections() ?? []).Concat(Others(stuck.Count)))
            json.WriteNumber(name, value);
        json.WriteEndObject();
        json.WriteStartArray("subscribers"u8);
        foreach (var subscription in subscriptions.All)
            Write(json, subscription);
        json.WriteEndArray();
        Write(json, stuck);
        Write(json, pipeline.Lags);
        Write(json, pipeline.Leads);
        WriteUnseen(json, [.. engine.Blind.Take(MostUnseen)]);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>One line for people.</summary>
    public string Line()
    {
        var (announced, waiting, held) = Count(pipeline.Engine.Devices);
        return $"{announced} devices, {waiting} waiting, {held} held, {subscriptions.All.Count} subscribers";
    }

    /// <summary>The input of udevd's broadcasts, if there is one.</summary>
    public UdevInput? Udev { get; init; }

    /// <summary>The listener, once there is one.</summary>
    public VarlinkListener? Listener { get; init; }

    /// <summary>The scheduler of the connections.</summary>
    public VarlinkTurns? Turns { get; init; }

    private IEnumerable<KeyValuePair<string, long>> Others(int stuckReads) =>
    [
        new("connections", Listener?.Connections ?? 0),
        new("connectionsRefused", Listener?.Refused ?? 0),
        new("connectionsStalled", Listener?.StalledCount ?? 0),
        new("connectionsTimedOut", Listener?.HalfRequestCount ?? 0),
        new("connectionsOverBudget", Listener?.OverBudgetCount ?? 0),
        new("connectionsFailed", Turns?.Failures ?? 0),
        new("looksDeferred", pipeline.Engine.Budget.Deferred),
        new("looksTooLate", pipeline.Engine.Budget.TooLate),
        new("worstLookLagUsec", pipeline.Engine.Budget.WorstLagUsec),
        new("stuckReads", stuckReads),
        new("pausedUsec", pipeline.Publisher.Pace.WaitedUsec),
        // A collection of an older generation also counts for the younger ones.
        new("gcCollections", GC.CollectionCount(0)),
    ];

    private static (int Announced, int Waiting, int Held) Count(DeviceTree devices) =>
        (devices.CountOf(DeviceState.Announced), devices.CountOf(DeviceState.Waiting), devices.CountOf(DeviceState.Held));

    private static void Write(Utf8JsonWriter json, IReadOnlyList<StuckRead> stuckReads)
    {
        if (stuckReads.Count == 0)
            return;
        json.WriteStartArray("stuckReads"u8);
        foreach (var read in stuckReads)
        {
            json.WriteStartObject();
            json.WriteString("devpath"u8, read.DevPath);
            json.WriteString("attribute"u8, read.Path);
            json.WriteNumber("sinceUsec"u8, read.SinceUsec);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteUnseen(Utf8JsonWriter json, IReadOnlyList<(Device Device, int Errno)> unseen)
    {
        if (unseen.Count == 0)
            return;
        json.WriteStartArray("unseen"u8);
        foreach (var (device, errno) in unseen)
        {
            json.WriteStartObject();
            json.WriteString("devpath"u8, device.DevPath);
            json.WriteString("errno"u8, ErrnoName.Of(errno));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, LagHistogram lags)
    {
        json.WriteStartArray("lags"u8);
        foreach (var (subsystem, row) in lags.Rows)
        {
            json.WriteStartObject();
            json.WriteString("subsystem"u8, subsystem);
            json.WriteNumber("events"u8, row.Events);
            json.WriteNumber("sumUsec"u8, row.SumUsec);
            if (row.WithinUsec(99) is { } within)
                json.WriteNumber("p99Usec"u8, within);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, UdevLeads leads)
    {
        json.WriteStartArray("udevLeads"u8);
        foreach (var lead in leads.Rows)
        {
            json.WriteStartObject();
            json.WriteString("subsystem"u8, lead.Subsystem);
            json.WriteNumber("told"u8, lead.Told);
            json.WriteNumber("early"u8, lead.Early);
            if (lead.Row is { } row && row.WithinUsec(99) is { } within)
                json.WriteNumber("p99Usec"u8, within);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Subscription subscription)
    {
        json.WriteStartObject();
        json.WriteNumber("pid"u8, subscription.Call.Peer.Pid);
        json.WriteNumber("uid"u8, subscription.Call.Peer.Uid);
        json.WriteNumber("queuedEvents"u8, subscription.Stream.QueuedEvents);
        json.WriteNumber("queuedBytes"u8, subscription.Stream.QueuedBytes);
        json.WriteNumber("gaps"u8, subscription.Stream.Gaps);
        json.WriteNumber("sinceUsec"u8, subscription.SinceUsec);
        json.WriteEndObject();
    }
}
