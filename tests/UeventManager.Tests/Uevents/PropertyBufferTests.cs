using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>Subscribers get the datagram's properties with the uevent file laid over them.</summary>
public sealed class PropertyBufferTests
{
    private static PropertyBuffer Of(string block)
    {
        var buffer = new PropertyBuffer();
        buffer.Set(Encoding.UTF8.GetBytes(block));
        return buffer;
    }

    private static string Text(PropertyBuffer buffer) => Encoding.UTF8.GetString(buffer.Span).Replace('\0', '|');

    [Theory]
    [InlineData("", "", "")]
    [InlineData("A=1\0", "", "A=1|")]
    [InlineData("", "A=1\n", "A=1|")]
    [InlineData("A=1\0B=2\0", "A=3\n", "B=2|A=3|")]
    [InlineData("A=1\0B=2\0", "B=2\n", "A=1|B=2|")]
    [InlineData("A=1\0", "B=2\nC=3", "A=1|B=2|C=3|")]
    [InlineData("A=1\0", "A=", "A=|")]
    [InlineData("AB=1\0", "A=2\n", "AB=1|A=2|")]
    [InlineData("A=1\0", "AB=2\n", "A=1|AB=2|")]
    [InlineData("A=1\0B=2\0A=3\0", "A=1\n", "B=2|A=1|")]
    [InlineData("A=1\0", "no property\n=x\n\nB=2\n", "A=1|B=2|")]
    [InlineData("A=x=y\0", "A=z=w\n", "A=z=w|")]
    [InlineData("A=1", "B=2\n", "A=1|B=2|")]
    public void A_uevent_file_replaces_its_properties_and_keeps_the_others(string datagram, string file, string expected)
    {
        var buffer = Of(datagram);
        buffer.OverlayFile(Encoding.UTF8.GetBytes(file));
        Assert.Equal(expected, Text(buffer));
    }

    [Fact]
    public void A_line_with_a_nul_in_it_forges_no_property()
    {
        var buffer = Of("A=1\0");
        buffer.OverlayFile("B=2\0C=3\nD=4\n"u8);
        Assert.Equal("A=1|D=4|", Text(buffer));
    }

    [Fact]
    public void A_buffers_memory_is_reused_without_leftovers()
    {
        var buffer = Of("LONG=" + new string('x', 500) + "\0");
        buffer.Set("A=1\0"u8);
        Assert.Equal("A=1|", Text(buffer));
        Assert.False(buffer.TryGet("LONG"u8, out _));
        buffer.Set(default);
        Assert.Equal("", Text(buffer));
    }

    [Theory]
    [InlineData("A", "1")]
    [InlineData("B", "3")]
    [InlineData("AB", null)]
    [InlineData("", null)]
    [InlineData("Ä", "ö")]
    public void A_key_is_found_as_a_whole_and_the_last_one_counts(string key, string? value) =>
        Assert.Equal(value, Of("A=1\0B=2\0ABC=9\0B=3\0Ä=ö\0").Text(key));

    [Theory]
    [InlineData("A=1\0", "A=1\n", false)]
    [InlineData("A=1\0SEQNUM=7\0", "A=1\n", false)]
    [InlineData("A=1\0", "A=2\n", true)]
    [InlineData("A=1\0", "A=1\nB=1\n", true)]
    [InlineData("A=1\0DRIVER=x\0", "A=1\n", true)]
    [InlineData("A=1\0DRIVER=x\0", "A=1\nDRIVER=x\n", false)]
    [InlineData("A=1\0", "", false)]
    [InlineData("A=1\n\0B=2\0", "A=1\n\nB=2\n", false)]
    [InlineData("A=1\n\0B=2\0", "A=1\n\nB=3\n", true)]
    [InlineData("A=1\nX=2\0B=2\0", "A=1\nX=2\nB=2\n", false)]
    [InlineData("A=1\nX=2\0B=2\0", "A=1\nX=3\nB=2\n", true)]
    [InlineData("A=1\nX=2\0", "A=1", true)]
    public void A_uevent_file_that_differs_from_the_known_properties_is_recognised(string known, string file, bool differs) =>
        Assert.Equal(differs, Of(known).DiffersFrom(Encoding.UTF8.GetBytes(file)));

    [Theory]
    [InlineData("A=1\0B=2\0C=3\0", "A=1\0B=22\0C=3\0", "A=1\0B=22\0C=3\0")]
    [InlineData("A=1\0B=22\0C=3\0", "C=\0B=2\0X=9\0A=11\0", "A=11\0B=2\0C=\0")]
    [InlineData("AB=1\0A=2\0", "A=3\0AB=4\0", "AB=4\0A=3\0")]
    [InlineData("A=1\0", "X=1\0", "A=1\0")]
    public void A_key_keeps_its_place_and_gets_the_newest_value(string known, string newest, string expected)
    {
        var buffer = new PropertyBuffer();
        buffer.Set(Encoding.UTF8.GetBytes(known));
        var at = 0;
        foreach (var entry in PropertyBlock.Entries(Encoding.UTF8.GetBytes(newest)))
            Assert.Equal(entry[0] != 'X', buffer.TryRenew(entry, entry.IndexOf((byte)'='), ref at));
        Assert.Equal(expected, Encoding.UTF8.GetString(buffer.Span));
    }

    [Fact]
    public void A_repeated_key_is_kept_once_when_laid_over_nothing()
    {
        var buffer = new PropertyBuffer();
        buffer.Overlay("A=1\0B=2\0A=3"u8);
        Assert.Equal("B=2\0A=3\0"u8, buffer.Span);
    }
}
