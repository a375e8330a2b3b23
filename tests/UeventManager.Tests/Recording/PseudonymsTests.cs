using UeventManager.Core.Recording;

namespace UeventManager.Tests.Recording;

/// <summary>A recording that somebody sends to a stranger names no machine and no hardware.</summary>
public sealed class PseudonymsTests
{
    private readonly Pseudonyms _pseudonyms = new(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 });

    // Kernels pass on what a driver or a device says, whatever bytes that is.
    [Fact]
    public void InvalidUtf8IsReplacedToo()
    {
        byte[] datagram = [.. "add@/devices/a\0ACTION=add\0DEVPATH=/devices/a\0SUBSYSTEM=net\0NAME=enx001b213a4c5d"u8, 0xff, .. "x\0ID_SERIAL=ABC123456\0"u8];
        var line = new RecordingWriter(_pseudonyms).Line(new UeventLine(1, datagram, true, false)).ToArray();
        Assert.Null(RecordingReader.TryRead(line, out var read));
        var text = System.Text.Encoding.Latin1.GetString(Assert.IsType<UeventLine>(read).Datagram);
        Assert.DoesNotContain("ABC123456", text, StringComparison.Ordinal);
        Assert.DoesNotContain("001b213a4c5d", text, StringComparison.Ordinal);
        Assert.Equal((datagram.Length, '\xff'), (text.Length, text[datagram.AsSpan().IndexOf((byte)0xff)]));
    }

    [Theory]
    [InlineData("00:1b:21:3a:4c:5d")]
    [InlineData("00-1B-21-3A-4C-5D")]
    [InlineData("/devices/virtual/mtty/mtty/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001")]
    [InlineData("0x5000c500a1b2c3d4")]
    [InlineData("naa.5000c500a1b2c3d4")]
    [InlineData("enx001b213a4c5d")]
    [InlineData("eui.0025385b71b00f3a")]
    public void IdentifiersAreReplacedByOnesOfTheSameForm(string text)
    {
        var other = _pseudonyms.Text(text);
        Assert.NotEqual(text, other);
        Assert.Equal(text.Length, other.Length);
        Assert.Equal(text.Select(Shape), other.Select(Shape));
        Assert.Equal(other, _pseudonyms.Text(text));
        Assert.NotEqual(other, new Pseudonyms(new byte[16]).Text(text));
    }

    [Theory]
    [InlineData("/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda")]
    [InlineData("MODALIAS=pci:v00008086d00001533sv00008086sd00000001bc02sc00i00")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    [InlineData("queues/tx-12")]
    [InlineData("2026-11-30")]
    [InlineData("add@/devices/virtual/net/veth0123")]
    public void AllElseStays(string text) => Assert.Equal(text, _pseudonyms.Text(text));

    [Fact]
    public void ASerialNumberIsReplacedWhereverItStandsFromThenOn()
    {
        var property = _pseudonyms.Property("ID_SERIAL_SHORT=S3Z8NB0K");
        Assert.DoesNotContain("S3Z8NB0K", property, StringComparison.Ordinal);
        var serial = property["ID_SERIAL_SHORT=".Length..];
        Assert.Equal($"/devices/x/disk_{serial}", _pseudonyms.Text("/devices/x/disk_S3Z8NB0K"));
        Assert.Equal(serial, _pseudonyms.Value("serial", "S3Z8NB0K"));
        Assert.Equal("HID_UNIQ=", _pseudonyms.Property("HID_UNIQ="));
        Assert.Equal("UNIQ=\"\"", _pseudonyms.Property("UNIQ=\"\""));
    }

    [Fact]
    public void TheSameInAPathAndInAValueStaysTheSame()
    {
        var path = _pseudonyms.Text("/devices/m/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");
        Assert.Equal(path["/devices/m/".Length..], _pseudonyms.Value("uuid", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"));
        Assert.Equal("ADDRESS=" + _pseudonyms.Text("00:1b:21:3a:4c:5d"), _pseudonyms.Property("ADDRESS=00:1b:21:3a:4c:5d"));
    }

    private static char Shape(char c) => char.IsAsciiHexDigit(c) || char.IsAsciiLetter(c) ? 'x' : c;
}
