using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>A message with one wrong byte is dropped by every client of libudev, in silence.</summary>
public sealed class UdevMessageWriterTests
{
    [Theory]
    [InlineData("settled", 0x0004000040000140)]
    [InlineData("systemd", 0x0200040010800000)]
    [InlineData("seat", 0x0208000000400001)]
    [InlineData("uaccess", 0x0000200800001008)]
    public void The_bits_of_a_tag_are_those_by_which_clients_filter(string tag, ulong bits) => Assert.Equal(bits, UdevMessageWriter.BloomOf([tag]));

    [Fact]
    public void A_message_begins_as_udevd_writes_it()
    {
        var message = Write([new("ACTION", "add"), new("DEVPATH", "/devices/virtual/mem/null"), new("SUBSYSTEM", "mem"), new("SEQNUM", "7")], "settled");
        const string Properties = "ACTION=add\0DEVPATH=/devices/virtual/mem/null\0SUBSYSTEM=mem\0SEQNUM=7\0";
        Assert.Equal($"6c69627564657600feedcafe2800000028000000{Properties.Length:x2}000000c365cd83000000000004000040000140", Convert.ToHexStringLower(message[..40]));
        Assert.Equal(Properties, Encoding.UTF8.GetString(message[40..]));
    }

    [Fact]
    public void A_message_that_is_too_long_sheds_other_properties_first_and_the_longest_first()
    {
        var writer = new UdevMessageWriter();
        KeyValuePair<string, string>[] properties =
        [
            new("ACTION", "change"), new("DEVPATH", "/devices/x"), new("SUBSYSTEM", "mem"), new("SEQNUM", "1"), new("ID_LONG", new string('i', 3000)),
            new("SHORT", "s"), new("LONGER", new string('l', 4000)), new("LONG", new string('m', 3900)), new("TAGS", ":settled:"),
        ];
        Assert.True(writer.TryWrite(Block(properties), 0, out var message));
        Assert.Equal(["LONGER"], writer.Shedder.Names);
        Assert.InRange(message.Length, 6900, UdevMessageWriter.MaxBytes);

        Assert.True(writer.TryWrite(Block([.. properties, new("ID_MORE", new string('n', 5000))]), 0, out message));
        Assert.Equal(["LONGER", "LONG"], writer.Shedder.Names);
        Assert.True(writer.TryWrite(Block([.. properties, new("ID_MORE", new string('n', 5100))]), 0, out message));
        Assert.Equal(["LONGER", "LONG", "SHORT", "ID_MORE"], writer.Shedder.Names);
        var text = Encoding.UTF8.GetString(message.Span[40..]);
        Assert.All(new[] { "ACTION=", "DEVPATH=", "SUBSYSTEM=", "SEQNUM=", "TAGS=", "ID_LONG=" }, key => Assert.Contains(key, text, StringComparison.Ordinal));
        Assert.Equal(3, writer.Shedder.Shortened);

        Assert.False(writer.TryWrite(Block([new("DEVPATH", new string('d', 9000))]), 0, out _));
    }

    [Fact]
    public void The_longest_message_stays_below_what_older_clients_receive_into()
    {
        var room = UdevMessageWriter.MaxBytes - UdevMessageWriter.HeaderBytes - "ACTION=add\0DEVPATH=\0".Length;
        Assert.Equal(UdevMessageWriter.MaxBytes, Write([new("ACTION", "add"), new("DEVPATH", new string('d', room))]).Length);
        Assert.False(new UdevMessageWriter().TryWrite(Block([new("ACTION", "add"), new("DEVPATH", new string('d', room + 1))]), 0, out _));
    }

    [Fact]
    public void The_longest_of_the_kernels_form_has_room_for_the_SEQNUM_that_the_kernel_appends()
    {
        var writer = new KernelMessageWriter();
        for (var length = 1900; length < 2100; length++)
        {
            KeyValuePair<string, string>[] properties = [new("ACTION", "add"), new("DEVPATH", "/d"), new("SEQNUM", "1"), new("LONG", new string('l', length)), new("A", "1")];
            var before = writer.Shedder.Shortened;
            Assert.True(writer.TryWrite(Block(properties), 16, withSeqnum: false, out var message));
            var whole = "add@/d\0ACTION=add\0DEVPATH=/d\0LONG=\0A=1\0".Length + length;
            Assert.Equal(whole + 28 > KernelMessageWriter.MaxInjectedBytes, writer.Shedder.Shortened > before);
            Assert.Equal(writer.Shedder.Shortened > before ? whole - length - 6 : whole, message.Length - 16);
            Assert.EndsWith("\0A=1\0", Encoding.UTF8.GetString(message.Span), StringComparison.Ordinal);
        }
        Assert.False(writer.TryWrite(Block([new("ACTION", "add"), new("DEVPATH", new string('d', 1010))]), 0, withSeqnum: false, out _));
    }

    [Fact]
    public void Thousands_of_properties_are_shed_in_their_order_and_some_of_them_named()
    {
        var writer = new UdevMessageWriter();
        KeyValuePair<string, string>[] properties = [new("DEVPATH", "/d"), .. Enumerable.Range(0, 100_000).Select(i => new KeyValuePair<string, string>($"K{i:D6}", "1"))];
        var block = Block(properties);
        Assert.True(writer.TryWrite(block, 0, out var message));
        Assert.InRange(message.Length, UdevMessageWriter.MaxBytes - 10, UdevMessageWriter.MaxBytes);
        Assert.Equal(("K000000", 16, 100_000 - (message.Length - 40 - 11) / 10), (writer.Shedder.Names[0], writer.Shedder.Names.Count, writer.Shedder.Count));
    }

    [Fact]
    public void Pairs_that_clients_would_reject_are_left_out()
    {
        var text = Encoding.UTF8.GetString(Write([new("ACTION", "add"), new("", "x"), new("K", "1=2"), new("N\0", "x"), new("V", "a\0b")])[40..]);
        Assert.Equal("ACTION=add\0K=1=2\0V=a\0", text);
    }

    [Fact]
    public void The_kernels_form_has_its_head_and_nothing_of_udev()
    {
        var properties = new Dictionary<string, string>
        {
            ["ACTION"] = "add",
            ["DEVPATH"] = "/devices/virtual/block/loop0",
            ["SUBSYSTEM"] = "block",
            ["DEVNAME"] = "/dev/loop0",
            ["SEQNUM"] = "9",
            ["ID_TYPE"] = "disk",
            ["TAGS"] = ":settled:",
            ["UEVENT_MANAGER"] = "1",
            ["MAJOR"] = "7",
        };
        Assert.True(new KernelMessageWriter().TryWrite(Block(properties), 16, withSeqnum: false, out var message));
        Assert.Equal(
            "add@/devices/virtual/block/loop0\0ACTION=add\0DEVPATH=/devices/virtual/block/loop0\0SUBSYSTEM=block\0DEVNAME=loop0\0MAJOR=7\0", Encoding.UTF8.GetString(message.Span[16..]));
        Assert.True(new KernelMessageWriter().TryWrite(Block(properties), 0, withSeqnum: true, out message));
        Assert.Contains("\0SEQNUM=9\0", Encoding.UTF8.GetString(message.Span), StringComparison.Ordinal);
    }

    private static byte[] Write(IEnumerable<KeyValuePair<string, string>> properties, params string[] tags)
    {
        Assert.True(new UdevMessageWriter().TryWrite(Block(properties), UdevMessageWriter.BloomOf(tags), out var message));
        return message.ToArray();
    }

    private static byte[] Block(IEnumerable<KeyValuePair<string, string>> properties) =>
        Encoding.UTF8.GetBytes(string.Concat(properties.Select(property => $"{property.Key}={property.Value}\0")));
}
