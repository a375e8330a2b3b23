using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Names;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Interface org.ueventmanager.Devices. On the engine's thread; calls that come before the state is known wait for it.</summary>
internal sealed class DevicesService
{
    private const string Name = "org.ueventmanager.Devices";
    private const int MaxListBytes = 8 * 1024 * 1024;
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Pipeline _pipeline;
    private readonly Subscriptions _subscriptions;
    private readonly DeviceFinder _finder;
    private readonly StatusWriter? _status;
    private readonly Queue<(VarlinkCall Call, Action<VarlinkCall> Handler)> _early = new();
    private bool _ready;

    public DevicesService(Pipeline pipeline, Subscriptions subscriptions, DeviceFinder finder, StatusWriter? status)
    {
        (_pipeline, _subscriptions, _finder, _status) = (pipeline, subscriptions, finder, status);
    }

    /// <summary>Puts the methods into the table.</summary>
    public void Register(VarlinkDispatcher dispatcher)
    {
        dispatcher.Add(EmbeddedInterfaces.Read(Name));
        dispatcher.Handle($"{Name}.Subscribe", call => WhenReady(call, Subscribe), VarlinkMethodFlags.RequiresMore);
        dispatcher.Handle($"{Name}.List", call => WhenReady(call, List));
        dispatcher.Handle($"{Name}.Get", call => WhenReady(call, Get));
        dispatcher.Handle($"{Name}.Status", call => WhenReady(call, Status));
    }

    /// <summary>The state is known: what came before is answered, each in its connection's turn.</summary>
    public void Ready()
    {
        _ready = true;
        while (_early.TryDequeue(out var early))
        {
            var (call, handler) = early;
            if (!call.IsFinished)
                call.Work(() => Answer(call, handler));
        }
    }

    /// <summary>A handler whose calls wait until the state is known.</summary>
    public VarlinkHandler WhenReady(Action<VarlinkCall> handler) => call => WhenReady(call, handler);

    private void WhenReady(VarlinkCall call, Action<VarlinkCall> handler)
    {
        if (_ready)
            handler(call);
        else
            _early.Enqueue((call, handler));
    }

    private static bool Answer(VarlinkCall call, Action<VarlinkCall> handler)
    {
        handler(call);
        return true;
    }

    private void Subscribe(VarlinkCall call)
    {
        if (!FilterReader.TryRead(call, out var filter))
            return;
        if (!_subscriptions.HasRoom(call.Peer.Uid, filter))
        {
            call.Error($"{Name}.TooManySubscribers", Encoding.UTF8.GetBytes($"{{\"limit\":{Subscriptions.MaxFilterSteps}}}"));
            return;
        }
        var cursor = Text(call, "cursor");
        _subscriptions.Add(call, filter, Flag(call, "stateless"), Flag(call, "unsettled"), cursor);
    }

    private void List(VarlinkCall call)
    {
        if (!FilterReader.TryRead(call, out var filter))
            return;
        var publisher = _pipeline.Publisher;
        ListReply.Begin(call, publisher, publisher.Walk(filter, Flag(call, "unsettled")), MaxListBytes);
    }

    private void Get(VarlinkCall call)
    {
        var name = Text(call, "device")!;
        if (_finder.Find(name) is not { State: not DeviceState.Dropped } device)
        {
            call.Error($"{Name}.NoSuchDevice", VarlinkError.Parameter("device", name));
        }
        else if (device.State != DeviceState.Announced)
        {
            call.Error($"{Name}.NotSettled", NotSettled(device));
        }
        else
        {
            var encoded = _pipeline.Publisher.Encode(DeviceView.OfAnnounced(device));
            call.Reply([.. "{\"device\":"u8, .. encoded, .. "}"u8]);
        }
    }

    private void Status(VarlinkCall call) => call.Reply(_status!.Write());

    private static ReadOnlySpan<byte> NotSettled(Device device)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Json))
        {
            json.WriteStartObject();
            json.WriteString("devpath"u8, device.DevPath);
            json.WriteStartArray("missing"u8);
            foreach (var text in UeventEngine.MissingOf(device))
                json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan;
    }

    /// <summary>A parameter's text, or null.</summary>
    public static string? Text(VarlinkCall call, string name) =>
        call.Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(VarlinkCall call, string name) =>
        call.Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
