using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>The results of one pass over the properties, on which every subscriber depends.</summary>
public sealed class PropertyOutlineTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("A=1\0", "A=1\0")]
    [InlineData("ACTION=add\0DEVPATH=/d\0SUBSYSTEM=net\0A=1\0B=2\0SEQNUM=7\0", "A=1\0B=2\0")]
    [InlineData("ACTION=add\0A=1\0SYNTH_UUID=0\0B=2\0SEQNUM=7\0", "A=1\0SYNTH_UUID=0\0B=2\0")]
    [InlineData("ACTION=add\0SEQNUM=7\0", "")]
    [InlineData("ACTION=add\0DEVTYPE=disk\0", "DEVTYPE=disk\0")]
    [InlineData("DEVPATH_OLD=/x\0DRIVER=e1000\0SYNTH_ARG_X=1\0", "DRIVER=e1000\0")]
    [InlineData("ACTION=add\0A=1", "A=1")]
    [InlineData("ACTIONS=1\0SEQNUMX=2\0DEVPATHS=3\0", "ACTIONS=1\0SEQNUMX=2\0DEVPATHS=3\0")]
    public void The_devices_own_properties_lie_between_those_of_the_event(string block, string own) =>
        Assert.Equal(own, Text(PropertyOutline.Of(Bytes(block)).Own, block));

    [Fact]
    public void The_last_value_of_a_repeated_key_counts()
    {
        const string Block = "DEVTYPE=a\0DEVNAME=b\0DRIVER=c\0DEVTYPE=dd\0";
        var outline = PropertyOutline.Of(Bytes(Block));
        Assert.Equal(("dd", "b", "c", true), (Text(outline.DevType, Block), Text(outline.DevName, Block), Text(outline.Driver, Block), outline.Repeats));
        Assert.False(PropertyOutline.Of("DEVTYPE_X=a\0XDRIVER=c\0"u8).DevType.Exists);
    }

    [Theory]
    [InlineData("A=1\0B=2\0", true)]
    [InlineData("A=a = b\0B=\0", true)]
    [InlineData("A=\"\0", false)]
    [InlineData("A=1\0B=2\0C=3\0D=4\0E=5\\\0", false)]
    [InlineData("A=ü\0", false)]
    [InlineData("A=1\n\0", false)]
    [InlineData("A=\u007f\0", false)]
    public void Text_that_needs_no_escaping_in_JSON_is_recognised(string block, bool isPlain) => Assert.Equal(isPlain, PropertyOutline.Of(Bytes(block)).IsPlain);

    [Fact]
    public void Entries_of_whatever_length_are_found_where_they_are()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var block = new byte[random.Next(80)];
            for (var at = 0; at < block.Length; at++)
                block[at] = random.Next(6) switch { 0 => 0, 1 => (byte)'=', 2 => (byte)random.Next(256), _ => (byte)'k' };
            var expected = Simple(block);
            var found = new List<(int, int, int)>();
            var entries = new PropertyScanner(block);
            while (entries.MoveNext())
                found.Add((entries.Start, entries.Equal, entries.End));
            Assert.True(expected.SequenceEqual(found), Seed.Replay(seed));
            Assert.True(entries.IsPlain == block.All(one => one is 0 or (>= 0x20 and <= 0x7e and not (byte)'"' and not (byte)'\\')), Seed.Replay(seed));
        }
    }

    private static List<(int Start, int Equal, int End)> Simple(byte[] block)
    {
        var found = new List<(int, int, int)>();
        for (var start = 0; start < block.Length;)
        {
            var end = Array.IndexOf(block, (byte)0, start);
            end = end < 0 ? block.Length : end;
            var equal = Array.IndexOf(block, (byte)'=', start, end - start);
            found.Add((start, equal, end));
            start = end + 1;
        }
        return found;
    }

    private static byte[] Bytes(string block) => Encoding.UTF8.GetBytes(block);

    private static string Text(Piece piece, string block) => Encoding.UTF8.GetString(piece.Of(Bytes(block)));
}
