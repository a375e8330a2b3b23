using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;

namespace UeventManager.Tests.Forwarding;

/// <summary>A part of a reply that is skipped is a device that no client gets.</summary>
public sealed class ReplyReaderTests
{
    private const string Device = """{"devpath":"/devices/a","subsystem":"net","sysname":"a","settled":true,"properties":{"IFINDEX":"1"}}""";

    [Theory]
    [InlineData("""{"parameters":{"state":[@,@],"ready":true,"cursor":"1:5"}}""", "Device Device End ready state 1:5")]
    [InlineData("""{"parameters":{"ready":true,"cursor":"1:5","state":[@]},"continues":true}""", "Device End ready state 1:5")]
    [InlineData("""{"parameters":{"gap":{"lost":3,"reason":"kernelOverrun"}},"continues":true}""", "Gap:kernelOverrun End 0")]
    [InlineData("""{"continues":true,"parameters":{"gap":null,"state":null,"events":[{"cursor":"1:6","action":"add","device":@}]}}""", "Event End 1:6")]
    [InlineData("""{"parameters":{"events":[{"action":"add","device":@,"cursor":"1:6"},{"device":@,"action":"remove","cursor":"1:7","group":{"id":"1"}}],"new":[{"x":[1]}]}}""", "Event Event End 1:7")]
    [InlineData("""{"parameters":{"state":[]}}""", "End state 0")]
    [InlineData("""{"parameters":null}""", "End 0")]
    [InlineData("""{"parameters":{},"error":"org.ueventmanager.Devices.TooManySubscribers"}""", "Error End 0")]
    public void A_reply_is_walked_in_its_order(string reply, string expected)
    {
        var cursor = new ByteBuffer();
        cursor.Append((byte)'0');
        var reader = new ReplyReader(Encoding.UTF8.GetBytes(reply.Replace("@", Device, StringComparison.Ordinal)), cursor);
        var said = new ForwardedEvent();
        var parts = new List<string>();
        ReplyPart part;
        do
        {
            part = reader.Next(said);
            parts.Add(part == ReplyPart.Gap ? $"Gap:{reader.GapReason}" : part.ToString());
            if (part is ReplyPart.Device or ReplyPart.Event)
                Assert.Equal("/devices/a net IFINDEX=1\0", $"{Encoding.UTF8.GetString(said.DevPath)} {Encoding.UTF8.GetString(said.Subsystem)} {Encoding.UTF8.GetString(said.Properties)}");
        }
        while (part != ReplyPart.End);
        Assert.Equal(expected, $"{string.Join(' ', parts)}{(reader.IsReady ? " ready" : "")}{(reader.HasState ? " state" : "")} {Encoding.UTF8.GetString(cursor.Written)}");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("""{"parameters":{"events":[{"action":""")]
    public void An_invalid_reply_is_not_an_empty_one(string reply)
    {
        void Walk()
        {
            var reader = new ReplyReader(Encoding.UTF8.GetBytes(reply), new ByteBuffer());
            var said = new ForwardedEvent();
            while (reader.Next(said) != ReplyPart.End)
            {
            }
        }
        Assert.ThrowsAny<JsonException>(Walk);
    }

    [Fact]
    public void An_event_leaves_nothing_behind_for_the_next()
    {
        var said = new ForwardedEvent();
        var reader = new ReplyReader(
            """{"parameters":{"events":[{"action":"move","oldDevpath":"/o","seqnum":9,"device":{"devpath":"/a","subsystem":"s","devtype":"t","devnode":"/dev/x","driver":"d","settled":true,"kobject":true,"properties":{"A":"1"},"attributes":{"m":"1","n":null}}},{"action":"add","seqnum":null,"device":{"devpath":"/b","subsystem":"s","settled":false,"properties":{}}}]}}"""u8,
            new ByteBuffer());
        reader.Next(said);
        Assert.Equal(("/o", "t", "/dev/x", "d", 9L, true, true), (Text(said.OldDevPath), Text(said.DevType), Text(said.DevNode), Text(said.Driver), said.Seqnum, said.IsSettled, said.IsKobject));
        reader.Next(said);
        Assert.Equal(("", "", "", "", 0L, false, false, 0), (Text(said.OldDevPath), Text(said.DevType), Text(said.DevNode), Text(said.Driver), said.Seqnum, said.IsSettled, said.IsKobject, said.Properties.Length));
    }

    [Fact]
    public void A_property_that_would_make_clients_reject_the_message_is_left_out()
    {
        var said = Replies.Event("""{"device":{"devpath":"/a","properties":{"":"x","A=B":"x","N\u0000":"x","V":"a\u0000b","K":"1=2","L":null}}}""");
        Assert.Equal("K=1=2\0L=\0", Text(said.Properties));
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}
