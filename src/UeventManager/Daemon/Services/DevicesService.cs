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

/// <summary>Interface org.ueventmanager.Devices, on the engine's thread.</summary>
internal sealed class DevicesService(Pipeline pipeline, Subscriptions subscriptions, DeviceNames names, StatusWriter status)
{
    private const string Name = "org.ueventmanager.Devices";
    private const int MaxListBytes = 8 * 1024 * 1024;
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Registers the methods.</summary>
    public void Register(VarlinkDispatcher dispatcher, ReadyGate gate)
    {
        dispatcher.Add(EmbeddedInterfaces.Read(Name));
        dispatcher.Handle($"{Name}.Subscribe", gate.WhenOpen(Subscribe), VarlinkMethodFlags.RequiresMore);
        dispatcher.Handle($"{Name}.List", gate.WhenOpen(List));
        dispatcher.Handle($"{Name}.Get", gate.WhenOpen(Get));
        dispatcher.Handle($"{Name}.Status", gate.WhenOpen(Status));
    }

    private void Subscribe(VarlinkCall call)
    {
        if (!FilterReader.TryRead(call, out var filter))
            return;
        if (!subscriptions.HasRoom(call.Peer.Uid, filter))
        {
            call.Error($"{Name}.TooManySubscribers", Encoding.UTF8.GetBytes($"{{\"limit\":{Subscriptions.MaxFilterSteps}}}"));
            return;
        }
        var (cursor, since) = (call.Text("cursor"), call.Number("sinceUsec"));
        if (since is { } usec && cursor is null && call.Flag("stateless"))
            subscriptions.Add(call, publisher => publisher.SubscribeSince(filter, usec));
        else if (since is null)
            subscriptions.Add(call, publisher => publisher.Subscribe(filter, call.Flag("stateless"), call.Flag("unsettled"), cursor));
        else
            call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "sinceUsec"));
    }

    private void List(VarlinkCall call)
    {
        if (!FilterReader.TryRead(call, out var filter))
            return;
        var publisher = pipeline.Publisher;
        ListReply.Begin(call, publisher, publisher.Walk(filter, call.Flag("unsettled")), MaxListBytes);
    }

    private void Get(VarlinkCall call)
    {
        var name = call.Text("device")!;
        if (names.Find(name, pipeline.Engine.Devices) is not { State: not DeviceState.Dropped } device)
        {
            call.Error($"{Name}.NoSuchDevice", VarlinkError.Parameter("device", name));
        }
        else if (device.State != DeviceState.Announced)
        {
            call.Error($"{Name}.NotSettled", NotSettled(device));
        }
        else
        {
            var encoded = pipeline.Publisher.Encode(DeviceView.OfAnnounced(device));
            call.Reply([.. "{\"device\":"u8, .. encoded, .. "}"u8]);
        }
    }

    private void Status(VarlinkCall call) => call.Reply(status.Write());

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
}
