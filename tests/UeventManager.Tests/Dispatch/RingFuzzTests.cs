using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Dispatch;

/// <summary>Restored events go to subscribers unchanged: a damaged file must not break their frames or end a replay.</summary>
public sealed class RingFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[][] Pieces =
    [
        [0], [1], [2], [0x7F], [0x80, 0x01], [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], .. (ReadOnlySpan<byte[]>)
        [
            "{"u8.ToArray(), "}"u8.ToArray(), ",{}"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "null"u8.ToArray(), "\"action\":1,"u8.ToArray(), "\"properties\":[]"u8.ToArray(),
            "\"ACTION\":\"x\""u8.ToArray(), "\u00e4"u8.ToArray(),
        ],
    ];

    [Fact]
    public void A_publisher_refuses_a_damaged_ring_or_sends_complete_frames()
    {
        var world = new StreamWorld();
        world.Uevent("add", "/devices/virtual/net/a");
        var cursor = world.Publisher.LastCursor.ToString();
        for (var i = 0; i < 20; i++)
        {
            world.Uevent(i % 5 == 0 ? "add" : "change", $"/devices/virtual/net/n{i % 5}", $"X={i}");
            world.Uevent("change", $"/devices/virtual/misc/m{i % 3}", "DEVTYPE=t");
        }
        var good = Save(world);
        var (refused, believed) = (0, 0);
        Fuzz.Run(random =>
        {
            var publisher = new Publisher(world.Devices, 0);
            try
            {
                var reader = new SnapshotReader(new MemoryStream(Changed(good, random)).Read);
                publisher.Restore(reader);
                reader.End();
                believed++;
            }
            catch (SnapshotException)
            {
                refused++;
                return;
            }
            foreach (var filter in (DeviceFilter?[])[null, new() { Subsystems = [Glob.Parse("net")] }, new() { Properties = [new("X"u8.ToArray(), Glob.Parse("1*"))] }])
            {
                foreach (var stateless in (bool[])[true, false])
                    StreamWorld.Read(publisher.Subscribe(filter, stateless, unsettled: false, cursor));
            }
        });
        output.WriteLine($"{refused} refused, {believed} believed");
        Assert.True(refused > 0 && believed > 0, $"{refused} refused, {believed} believed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"action\":\"add\"}")]
    [InlineData("{\"action\":\"add\",\"device\":{\"devpath\":\"/devices/a\",\"properties\":{}}}")]
    [InlineData("{\"action\":\"add\",\"device\":{\"devpath\":\"/devices/a\",\"properties\":{\"ACTION\":\"add\"}}},")]
    [InlineData("{\"action\":\"add\",\"device\":{\"devpath\":\"/devices/a\",\"properties\":{\"ACTION\":\"add\"}}}\0")]
    [InlineData("{\"action\":\"add\",\"device\":{\"devpath\":\"/devices/a\",\"properties\":{\"ACTION\":\"add\"}}}x{}")]
    public void An_invalid_event_is_refused(string text) => Assert.Throws<SnapshotException>(() => Restore(text));

    [Fact]
    public void A_valid_event_is_accepted() => Restore("{\"action\":\"add\",\"device\":{\"devpath\":\"/devices/a\",\"properties\":{\"ACTION\":\"add\"}}}");

    // One bit of it is more often believed than what was cut and put together.
    private static byte[] Changed(byte[] good, Random random)
    {
        if (random.Next(2) == 0)
            return Fuzz.Mutate(good, Pieces, random);
        byte[] changed = [.. good];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    private static void Restore(string text)
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        foreach (var number in (int[])[1, 0, 0, 0, 0, 1, 1, 2])
            writer.Number(number);
        writer.Bytes(System.Text.Encoding.UTF8.GetBytes(text));
        writer.Text("net");
        writer.Text(null);
        writer.Number(0);
        writer.Bytes([0, 5]);
        writer.Flush();
        bytes.Position = 0;
        new Publisher(new StreamWorld().Devices, 0).Restore(new SnapshotReader(bytes.Read));
    }

    private static byte[] Save(StreamWorld world)
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        world.Publisher.Save(writer);
        writer.Flush();
        return bytes.ToArray();
    }
}
