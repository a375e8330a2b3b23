using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>A datagram that is not exactly a message of udevd must not finish an event.</summary>
public sealed class UdevMessageTests
{
    private static byte[] Good => UdevDatagram.Of(7, "add", "/devices/x/sda", "block", "DEVTYPE=disk", "ID_SERIAL=a=b", "TAGS=:systemd:");

    [Fact]
    public void A_message_is_read()
    {
        Assert.Equal(UdevRejection.None, UdevMessageParser.TryParse(Good, out var message));
        Assert.Equal((UeventAction.Add, 7), (message.Action, message.Seqnum));
        Assert.Equal("/devices/x/sda", Encoding.UTF8.GetString(message.DevPath));
        Assert.Equal("block", Encoding.UTF8.GetString(message.Subsystem));
        Assert.True(PropertyBlock.TryGet(message.Properties, "ID_SERIAL"u8, out var serial));
        Assert.Equal("a=b", Encoding.UTF8.GetString(serial));
        Assert.False(message.IsForwarded);
        Assert.False(message.WorkerFailed);
    }

    // Of systemd 252: the header of a message of `mem`, tagged `settled`, with a body of 189 bytes.
    [Fact]
    public void A_header_of_udevd_itself_is_read()
    {
        var body = "ACTION=add\0DEVPATH=/devices/virtual/mem/null\0SUBSYSTEM=mem\0SEQNUM=5\0TAGS=:settled:\0PAD="u8.ToArray();
        byte[] message = [.. Convert.FromHexString("6c69627564657600feedcafe2800000028000000bd000000c365cd83000000000004000040000140"), .. body, .. Enumerable.Repeat((byte)'x', 188 - body.Length), 0];
        Assert.Equal(UdevRejection.None, UdevMessageParser.TryParse(message, out var read));
        Assert.Equal(5, read.Seqnum);
    }

    [Fact]
    public void A_message_shows_its_forwarder_and_a_failed_worker()
    {
        Assert.Equal(UdevRejection.None, UdevMessageParser.TryParse(UdevDatagram.Of(1, "add", "/devices/a", "net", "UEVENT_MANAGER=1"), out var forwarded));
        Assert.True(forwarded.IsForwarded);
        Assert.Equal(UdevRejection.None, UdevMessageParser.TryParse(UdevDatagram.Of(1, "add", "/devices/a", "net", "UDEV_WORKER_FAILED=1"), out var failed));
        Assert.True(failed.WorkerFailed);
    }

    [Theory]
    [InlineData(0, (byte)'x', UdevRejection.NotLibudev)]
    [InlineData(7, (byte)1, UdevRejection.NotLibudev)]
    [InlineData(8, (byte)0xce, UdevRejection.BadMagic)]
    [InlineData(16, (byte)39, UdevRejection.BadLength)]
    [InlineData(16, (byte)41, UdevRejection.BadLength)]
    [InlineData(18, (byte)1, UdevRejection.BadLength)]
    [InlineData(20, (byte)1, UdevRejection.BadLength)]
    [InlineData(23, (byte)0xff, UdevRejection.BadLength)]
    [InlineData(24, (byte)0, UdevRejection.BadHash)]
    [InlineData(28, (byte)0, UdevRejection.BadHash)]
    public void A_wrong_header_is_refused(int at, byte value, UdevRejection reason)
    {
        var message = Good;
        message[at] = value;
        Assert.Equal(reason, UdevMessageParser.TryParse(message, out _));
    }

    [Theory]
    [InlineData(UdevRejection.BadProperty, "ACTION=add", "NOTHING", "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=1")]
    [InlineData(UdevRejection.BadProperty, "ACTION=add", "=x", "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=1")]
    [InlineData(UdevRejection.Incomplete, "ACTION=add", "DEVPATH=/devices/a", "SUBSYSTEM=net")]
    [InlineData(UdevRejection.Incomplete, "ACTION=add", "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=0")]
    [InlineData(UdevRejection.Incomplete, "ACTION=add", "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=-1")]
    [InlineData(UdevRejection.Incomplete, "ACTION=added", "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=1")]
    [InlineData(UdevRejection.Incomplete, "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=1")]
    [InlineData(UdevRejection.Incomplete, "ACTION=add", "DEVPATH=/devices/../a", "SUBSYSTEM=net", "SEQNUM=1")]
    [InlineData(UdevRejection.Incomplete, "ACTION=add", "DEVPATH=/devices/a", "SEQNUM=1")]
    [InlineData(UdevRejection.BadHash, "ACTION=add", "DEVPATH=/devices/a", "SUBSYSTEM=net", "SEQNUM=1", "DEVTYPE=wlan")]
    public void Wrong_properties_are_refused(UdevRejection reason, params string[] entries) =>
        Assert.Equal(reason, UdevMessageParser.TryParse(UdevDatagram.Raw("net", null, entries), out _));

    [Fact]
    public void Every_shortened_message_is_refused()
    {
        for (var length = 0; length < Good.Length; length++)
            Assert.NotEqual(UdevRejection.None, UdevMessageParser.TryParse(Good.AsSpan(0, length), out _));
        Assert.Equal(UdevRejection.NotLibudev, UdevMessageParser.TryParse("add@/devices/a\0ACTION=add\0DEVPATH=/devices/a\0SUBSYSTEM=net\0SEQNUM=1\0"u8, out _));
    }

    [Fact]
    public void No_damage_is_taken_for_another_event()
    {
        var random = Seed.Random();
        for (var i = 0; i < 20_000; i++)
        {
            var message = Good;
            message[random.Next(40)] ^= (byte)(1 << random.Next(8));
            // What the header's first length and the tags' filter say is nobody's concern here.
            if (UdevMessageParser.TryParse(message, out var read) == UdevRejection.None)
                Assert.Equal((7, UeventAction.Add), (read.Seqnum, read.Action));
        }
    }
}
