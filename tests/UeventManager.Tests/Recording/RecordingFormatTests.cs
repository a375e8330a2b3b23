using System.Text;
using UeventManager.Core.Recording;
using UeventManager.Core.Settle;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Recording;

/// <summary>What is written can be read back, and unreadable lines do no harm.</summary>
public sealed class RecordingFormatTests
{
    public static TheoryData<string> Kinds() => [.. Samples().Select(line => line.GetType().Name + line.AtUsec)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryLineReadsAsItWasWritten(string which)
    {
        var line = Samples().First(one => one.GetType().Name + one.AtUsec == which);
        var writer = new RecordingWriter(null);
        var text = writer.Line(line).ToArray();
        Assert.Equal((byte)'\n', text[^1]);
        Assert.Null(RecordingReader.TryRead(text.AsMemory(0, text.Length - 1), out var read));
        Assert.Equal(text, new RecordingWriter(null).Line(read!).ToArray());
        Assert.Equal(line.GetType(), read!.GetType());
    }

    [Fact]
    public void ADatagramThatIsNoTextKeepsItsBytes()
    {
        byte[] datagram = [.. "add@/devices/x\0NAME="u8, 0xff, 0xfe, 0];
        var text = new RecordingWriter(null).Line(new UeventLine(5, datagram, true, false)).ToArray();
        Assert.Null(RecordingReader.TryRead(text, out var read));
        Assert.Equal(datagram, ((UeventLine)read!).Datagram);
    }

    [Fact]
    public void TheHeaderSaysWhatItIs()
    {
        var header = new RecordingHeader { Kernel = "6.1", Machine = "x64", Program = "p", HasValues = true, IsPseudonymous = true, Depth = 2, Filter = "subsystem=net", AtUsec = 7, RealtimeUsec = 8 };
        Assert.Null(RecordingReader.TryReadHeader(new RecordingWriter(null).Header(header).ToArray(), out var read));
        Assert.Equal(header, read);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{}", "not a header")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"kind":"header","version":2}""", "version 2")]
    [InlineData("""{"kind":"header"}""", "version 0")]
    public void AFileOfAnotherKindIsRefused(string line, string why) =>
        Assert.Contains(why, RecordingReader.TryReadHeader(Encoding.UTF8.GetBytes(line), out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"kind":"appeared","devpath":"x","name":"a"}""")]
    [InlineData("""{"kind":"appeared","devpath":"/devices/x","name":"/a"}""")]
    [InlineData("""{"kind":"appeared","devpath":"/devices/x"}""")]
    [InlineData("""{"kind":"uevent","text":[1]}""")]
    [InlineData("""{"kind":"uevent","bytes":"%"}""")]
    [InlineData("""{"atUsec":1}""")]
    [InlineData("""{"kind":"device","devpath":"/devices/x","files":[""]}""")]
    [InlineData("""{"kind":"value","devpath":"/devices/x","name":"a","value":"\ud800"}""")]
    public void ALineThatIsNoneIsRefusedWithAReason(string line)
    {
        Assert.NotNull(RecordingReader.TryRead(Encoding.UTF8.GetBytes(line), out var read));
        Assert.Null(read);
    }

    [Fact]
    public void ALineOfALaterVersionIsPassedOver()
    {
        Assert.Null(RecordingReader.TryRead("""{"kind":"hologram","atUsec":1}"""u8.ToArray(), out var read));
        Assert.Null(read);
    }

    [Fact]
    public void AnyContentCanBeRead()
    {
        var writer = new RecordingWriter(null);
        byte[][] good = [.. Samples().Select(line => writer.Line(line).ToArray())];
        byte[][] pieces = ["/devices/x"u8.ToArray(), "/devices/y"u8.ToArray(), "\"atUsec\":9223372036854775807"u8.ToArray(), "-1"u8.ToArray(), "\\u0000"u8.ToArray(), "{"u8.ToArray(), "null"u8.ToArray()];
        var rules = TestRules.Of("- name: all\n  match: {exists: queues, absent: gone}\n  wait: [{exists: late}, {count: \"**\", atLeast: 1}, {attribute: mtu, equals: \"1\", optional: 10ms}, {link: up/late}]\n  timeout: 20ms\n  onTimeout: deliver");
        Fuzz.Run(random =>
        {
            var world = new RecordedWorld(new RecordingHeader { Depth = random.Next(1, 4) });
            for (var i = 0; i < 60; i++)
            {
                var line = good[random.Next(good.Length)];
                if (random.Next(2) == 0)
                    line = Fuzz.Mutate(line, pieces, random);
                if (RecordingReader.TryRead(line, out var read) is null && read is not null)
                    world.Add(read);
            }
            var replay = new Replay(world, rules);
            replay.Run();
            Assert.True(replay.Devices.Count <= 60);
        });
    }

    private static IEnumerable<RecordedLine> Samples()
    {
        yield return new UeventLine(11, "add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=net\0SEQNUM=4\0"u8.ToArray(), true, true);
        yield return new UeventLine(12, "move@/devices/y\0ACTION=move\0DEVPATH=/devices/y\0DEVPATH_OLD=/devices/x\0SUBSYSTEM=net\0SEQNUM=5\0"u8.ToArray(), true, false);
        yield return new UeventLine(13, "remove@/devices/x\0ACTION=remove\0DEVPATH=/devices/x\0SUBSYSTEM=net\0SEQNUM=6\0"u8.ToArray(), true, false);
        yield return new DeviceLine(14, 13, "/devices/x", "net", true, new DeviceInstance(7, 0), "A=b\nC=d", [new("mtu", RecordedKind.Attribute), new("queues", RecordedKind.Folder), new("up", RecordedKind.Link, "/devices/y")], false);
        yield return new DeviceLine(15, 13, "/devices/y", "net", false, new DeviceInstance(8, 5), null, [new("ready", RecordedKind.Attribute)], true);
        yield return new NameLine(16, 14, "/devices/x", new("late", RecordedKind.Link, "/devices/x/late"), true);
        yield return new NameLine(17, 14, "/devices/x", new("late", RecordedKind.Attribute), false);
        yield return new ValueLine(18, 17, "/devices/x", "mtu", "1500", 0, 20);
        yield return new ValueLine(19, 17, "/devices/x", "speed", null, 22, 20_000);
        yield return new BlockedLine(20, 18, "/devices/x", "sriov_numvfs");
        yield return new GoneLine(21, 20, "/devices/x");
        yield return new LostLine(22, "datagrams", 3, null);
        yield return new EndLine(23);
    }
}
