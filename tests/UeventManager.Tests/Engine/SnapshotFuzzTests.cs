using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Engine;

/// <summary>
/// A checksum says that a hand-over was not damaged, not that it was right. Whatever is in it, an engine refuses it or lives with it: without these
/// one bad file would end the daemon long after it was read.
/// </summary>
public sealed class SnapshotFuzzTests(ITestOutputHelper output)
{
    private const string Rules = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}, {attribute: state, equals: ok}]
          timeout: 5s
        - name: deliver
          match: {sysname: "d*"}
          wait: [{exists: ready}]
          timeout: 5s
          onTimeout: deliver
          attach: {attributes: [state], links: [driver]}
        - name: optional
          match: {sysname: "o*"}
          wait: [{exists: ready}, {exists: late, optional: 1s}]
          timeout: 20s
        - name: drop
          match: {sysname: "x*"}
          wait: [{exists: ready}]
          timeout: 100ms
          onTimeout: drop
        """;

    private static readonly string[] Names = ["w1", "w1/c", "d1", "d1/c", "d2", "o1", "x1", "p", "p/w2", "p/q", "p/q/d3"];

    // What has a meaning somewhere: bounds of numbers (by zigzag, seven bits a byte), lengths that nothing follows, paths, and properties that are none.
    private static readonly byte[][] Pieces =
    [
        [0], [1], [2], [3], [4], [6], [0x7F], [0x80, 0x01], [0xFF, 0xFF, 0x03], [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], .. (ReadOnlySpan<byte[]>)
        [
            "/devices/w1"u8.ToArray(), "\x16/devices/d2"u8.ToArray(), "/devices/../../etc"u8.ToArray(), "/"u8.ToArray(), "=x\0"u8.ToArray(), "IFINDEX=7\0"u8.ToArray(),
            "net"u8.ToArray(), "ready"u8.ToArray(), "deliver"u8.ToArray(),
        ],
    ];

    [Fact]
    public void An_engine_refuses_a_damaged_hand_over_or_works_with_it()
    {
        var (refused, believed) = (0, 0);
        byte[]? good = null;
        Fuzz.Run(random =>
        {
            var world = new EngineWorld(Rules);
            if (good is null || random.Next(20) == 0)
                good = Rich(new EngineWorld(Rules), random);
            world.Now = 20_000_000 + random.Next(20_000_000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                world.RestartWith(Changed(good, random));
                believed++;
            }
            catch (SnapshotException)
            {
                refused++;
                return;
            }
            finally
            {
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
            }
            Live(world, random);
        });
        output.WriteLine($"{refused} refused, {believed} believed");
        // Both ways must have been tried.
        Assert.True(refused > 0 && believed > 0, $"{refused} refused, {believed} believed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(262_144)]
    public void A_count_without_the_counted_data_takes_no_memory(int count)
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        writer.Clock(1, null);
        for (var i = 0; i < 3; i++)
            writer.Number(count);
        // What was removed; the history's rules, its next moment, devices that have gone, looks; and the devices.
        foreach (var number in (int[])[0, 0, 1, 0, 0, count])
            writer.Number(number);
        writer.Flush();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SnapshotException>(() => new EngineWorld(Rules).RestartWith(bytes.ToArray()));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(1500, false)]
    public void A_path_deeper_than_that_of_any_device_is_refused(int depth, bool believed)
    {
        var world = new EngineWorld(Rules);
        world.Start();
        world.Add("/devices" + string.Concat(Enumerable.Repeat("/a", depth)));
        world.Run(1000);
        var state = world.Save();
        if (believed)
            world.RestartWith(state);
        else
            Assert.Throws<SnapshotException>(() => world.RestartWith(state));
    }

    // One bit of it is more often believed than what was cut and put together.
    private static byte[] Changed(byte[] good, Random random)
    {
        if (random.Next(2) == 0)
            return Fuzz.Mutate(good, Pieces, random);
        byte[] changed = [.. good];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    // Everything that a hand-over can hold: what waits, is held, dropped, announced, followed up, moved and not told, gone.
    private static byte[] Rich(EngineWorld world, Random random)
    {
        world.Start();
        world.Run(1000);
        foreach (var name in Names)
            world.Add(name, random.Next(3) == 0 ? "pci" : "net", "A=b=c", $"IFINDEX={random.Next(3)}");
        for (var i = random.Next(8); i > 0; i--)
            Act(world, random);
        world.Run(random.Next(7_000_000));
        for (var i = random.Next(8); i > 0; i--)
            Act(world, random);
        world.Run(random.Next(1000));
        return world.Save();
    }

    private static void Live(EngineWorld world, Random random)
    {
        foreach (var device in world.Engine.Devices.All().Where(device => random.Next(2) == 0).ToList())
            world.Sysfs.Create(device.DevPath, device.Subsystem);
        world.Run(1_000_000);
        for (var i = random.Next(10); i > 0; i--)
            Act(world, random);
        foreach (var gone in world.Engine.Gone)
            Assert.NotNull(world.Engine.Explain(gone).History);
        foreach (var device in world.Engine.Devices.All())
            Assert.NotNull(world.Engine.Explain(device).Conditions);
        world.Restart();
        world.Run(30_000_000);
        // Rules give no more than 20 seconds, and nothing is left of what was before.
        Assert.DoesNotContain(world.Engine.Devices.All(), device => device.State == DeviceState.Waiting);
        Assert.True(world.Looks.Count < 20_000, $"{world.Looks.Count} looks in half a minute");
    }

    private static void Act(EngineWorld world, Random random)
    {
        var name = Names[random.Next(Names.Length)];
        var isThere = world.Sysfs.Find(EngineWorld.Dev(name)) is not null;
        switch (random.Next(5))
        {
            case 0 when !isThere:
                world.Add(name);
                break;
            case 1 when isThere:
                world.Remove(name);
                break;
            case 2 when isThere:
                world.Change(name, "CHANGED=1");
                break;
            case 3 when isThere && world.Sysfs.Find(EngineWorld.Dev(name + "-moved")) is null:
                world.Move(name, name + "-moved");
                break;
            default:
                world.Sysfs.Find(EngineWorld.Dev(name))?.Write(random.Next(2) == 0 ? "ready" : "state", "ok");
                break;
        }
        world.Run(random.Next(100_000));
    }
}
