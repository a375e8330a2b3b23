using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Dispatch;

/// <summary>An engine without rules and a publisher: every uevent is an event at once.</summary>
internal sealed class StreamWorld
{
    private readonly UeventEngine _engine = new(RuleSet.Empty);

    public StreamWorld(ulong epoch = 7) => Publisher = new Publisher(_engine.Devices, epoch) { IsOpen = true };

    public Publisher Publisher { get; }

    public long Now { get; set; } = 1000;

    /// <summary>How paths and properties become bytes.</summary>
    public Encoding Bytes { get; init; } = Encoding.UTF8;

    /// <summary>Called before each event of a step is published.</summary>
    public Action? Publishing { get; set; }

    public DeviceTree Devices => _engine.Devices;

    public void Uevent(string action, string path, params string[] properties)
    {
        var subsystem = path[path.LastIndexOf('/')..].StartsWith("/tap", StringComparison.Ordinal) ? "macvtap" : path.Contains("/net/", StringComparison.Ordinal) ? "net" : "misc";
        var text = $"{action}@{path}\0ACTION={action}\0DEVPATH={path}\0SUBSYSTEM={subsystem}\0{string.Concat(properties.Select(p => p + "\0"))}";
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(Bytes.GetBytes(text), out var uevent));
        _engine.BeginWakeup();
        _engine.Step(uevent, isDevice: true, ++Now);
        Publisher.Begin();
        foreach (var command in _engine.Commands)
        {
            if (command.Kind != CommandKind.Deliver)
                continue;
            Publishing?.Invoke();
            Publisher.Publish(command.Event!, command.Device, Now);
        }
        Publisher.End();
    }

    /// <summary>All replies that wait, as the parameters of each.</summary>
    public static List<JsonElement> Read(SubscriberStream stream)
    {
        var replies = new List<JsonElement>();
        var frame = new ByteBuffer();
        while (stream.HasSomething)
        {
            // A piece of a replay may select nothing.
            if (!stream.NextFrame(frame))
                continue;
            Assert.Equal(0, frame.Written[^1]);
            using var reply = JsonDocument.Parse(frame.Written[..^1].ToArray());
            Assert.True(reply.RootElement.GetProperty("continues").GetBoolean());
            replies.Add(reply.RootElement.GetProperty("parameters").Clone());
            frame.Clear();
        }
        return replies;
    }

    /// <summary>All events that wait, as <c>action sysname</c>.</summary>
    public static List<string> Events(SubscriberStream stream) =>
        [.. Read(stream).Where(r => r.TryGetProperty("events", out _)).SelectMany(r => r.GetProperty("events").EnumerateArray())
            .Select(e => $"{e.GetProperty("action").GetString()} {e.GetProperty("device").GetProperty("sysname").GetString()}")];
}
