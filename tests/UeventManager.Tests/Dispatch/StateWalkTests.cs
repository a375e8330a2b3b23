using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Dispatch;

/// <summary>A slow reader of the state gets the devices as they were at the beginning, and then each event once.</summary>
public sealed class StateWalkTests
{
    private static readonly DeviceFilter?[] s_filters =
    [
        null,
        new() { Subsystems = [Glob.Parse("net")] },
        new() { SysNames = [Glob.Parse("*[13579]")] },
        new() { DevPaths = [Glob.Parse("**/d*[02468]")], Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("[12]"))] },
    ];

    [Fact]
    public void Devices_are_read_as_they_were_whatever_happens_meanwhile()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var world = new StreamWorld();
            var life = new CrowdLife(world, random);
            life.Begin(25);
            var readers = new List<(StateWalk Walk, List<string> Expected, List<string> Read)>();
            for (var step = 0; step < 300; step++)
            {
                life.Step();
                if (random.Next(10) == 0)
                {
                    var filter = s_filters[random.Next(s_filters.Length)];
                    readers.Add((world.Publisher.Walk(filter, false), ReadAll(world.Publisher, filter), []));
                }
                foreach (var (walk, expected, read) in readers.Where(_ => random.Next(3) == 0).ToList())
                {
                    ReadSome(walk, random.Next(30), read);
                    if (!walk.IsAtEnd)
                        continue;
                    Assert.True(expected.SequenceEqual(read), Seed.Replay(seed));
                    world.Publisher.EndWalk(walk);
                    readers.RemoveAll(reader => reader.Walk == walk);
                }
            }
            foreach (var (walk, expected, read) in readers)
            {
                while (!walk.IsAtEnd)
                    ReadSome(walk, 100, read);
                Assert.True(expected.SequenceEqual(read), Seed.Replay(seed));
                world.Publisher.EndWalk(walk);
            }
            Assert.Equal(0, world.Publisher.PastBytes);
            Assert.Null(world.Devices.Changing);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void A_subscriber_that_reads_the_state_while_events_arrive_ends_with_the_true_state(int filter, bool moves)
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        for (var round = 0; round < 4; round++)
        {
            var world = new StreamWorld();
            var life = new CrowdLife(world, random, moves);
            life.Begin(500);
            var streams = Enumerable.Range(0, 3).Select(_ => (Stream: world.Publisher.Subscribe(s_filters[filter], false, false, null), Replica: new Replica())).ToList();
            // The state takes several pieces; one reads at once, one in between, one at the end.
            for (var step = 0; step < 600; step++)
            {
                life.Step();
                if (step % 40 == 0)
                    streams[1].Replica.Take(streams[1].Stream);
                streams[0].Replica.Take(streams[0].Stream);
            }
            var expected = ReadAll(world.Publisher, s_filters[filter]).Select(Key).Order(StringComparer.Ordinal).ToList();
            foreach (var (stream, replica) in streams)
            {
                while (stream.HasSomething)
                    replica.Take(stream);
                Assert.True(replica.IsReady);
                Assert.Empty(replica.Mistakes);
                Assert.True(expected.SequenceEqual(replica.Devices.Values.Order(StringComparer.Ordinal)), Seed.Replay(seed));
                world.Publisher.Unsubscribe(stream);
            }
            Assert.Equal(0, world.Publisher.PastBytes);
        }
    }

    [Fact]
    public void A_resumed_subscriber_learns_in_pieces_which_devices_belong_to_its_filter()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        var world = new StreamWorld();
        var life = new CrowdLife(world, random);
        life.Begin(600);
        var steady = world.Publisher.Subscribe(s_filters[3], false, false, null);
        _ = StreamWorld.Events(steady);
        var cursor = world.Publisher.LastCursor.ToString();
        for (var i = 0; i < 50; i++)
            life.Step();
        var resumed = world.Publisher.Subscribe(s_filters[3], false, false, cursor);
        var events = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            Assert.True(i > 2 || resumed.HasWork);
            Read(resumed, events);
            life.Step();
        }
        while (resumed.HasSomething)
            Read(resumed, events);
        Assert.True(StreamWorld.Events(steady).SequenceEqual(events), Seed.Replay(seed));
    }

    [Fact]
    public void A_walk_reads_a_device_at_its_old_place_if_its_move_is_delivered_meanwhile()
    {
        var world = new EngineWorld("""
            - name: w
              on: [add]
              match: {sysname: w}
              wait: [{exists: ready}]
            """);
        var publisher = new Publisher(world.Engine.Devices, 7) { IsOpen = true };
        var w = world.Add("w");
        world.Add("a");
        world.Add("a/c");
        world.Run(1_000);
        world.Move("a", "w/a");
        world.Run(1_000);
        world.Sees("add a", "add a/c");
        var walk = publisher.Walk(null, false);
        var told = ReadAll(publisher, null);
        w.Write("ready", "");
        world.Run(1_000_000);
        Assert.Equal("move w/a from a", world.Last.ToString());
        var read = new List<string>();
        ReadSome(walk, 1_000, read);
        Assert.Equal(told, read);
        Assert.Equal(["/devices/a", "/devices/a/c"], read.Select(device => Key(device).Split(' ')[0]).Order(StringComparer.Ordinal));
        publisher.EndWalk(walk);
    }

    [Fact]
    public void Subscribers_that_do_not_read_share_the_cost_of_changes()
    {
        var world = new StreamWorld();
        var life = new CrowdLife(world, new Random(1));
        life.Begin(200);
        var streams = Enumerable.Range(0, 500).Select(i => world.Publisher.Subscribe(s_filters[i % s_filters.Length], false, i % 2 == 0, null)).ToList();
        var list = 8 * world.Devices.Count;
        Assert.Equal(list, world.Publisher.PastBytes);
        var path = world.Devices.All().First().DevPath;
        world.Uevent("change", path);
        var one = world.Publisher.PastBytes - list;
        Assert.InRange(one, 100, 1_000);
        world.Uevent("change", path);
        Assert.Equal(list + one, world.Publisher.PastBytes);
        foreach (var stream in streams)
            world.Publisher.Unsubscribe(stream);
        Assert.Equal(0, world.Publisher.PastBytes);
        Assert.Null(world.Devices.Changing);
    }

    [Fact]
    public void A_subscriber_that_has_not_read_before_too_many_changes_gets_a_gap_and_the_state()
    {
        var world = new StreamWorld();
        var long_ = new string('x', 1_500);
        for (var i = 0; i < 100; i++)
            world.Uevent("add", $"/devices/virtual/net/d{i}", $"LONG={long_}");
        var slow = world.Publisher.Subscribe(s_filters[1], true, false, null);
        world.Publisher.Unsubscribe(slow);
        slow = world.Publisher.Subscribe(s_filters[1], false, true, null);
        var list = world.Publisher.Walk(null, false);
        var quick = new List<StateWalk>();
        for (var round = 0; !list.IsLost; round++)
        {
            Assert.InRange(round, 0, 1_000);
            world.Uevent("change", "/devices/virtual/net/d1", $"LONG={long_}", $"N={round}");
            for (var i = 0; i < 100; i++)
                world.Uevent("change", $"/devices/virtual/net/d{i}", $"LONG={long_}");
            quick.Add(world.Publisher.Walk(null, false));
            Assert.InRange(world.Publisher.PastBytes, 0, PastDevices.MaxBytes);
        }
        // The ones that began last are not touched.
        Assert.False(quick[^1].IsLost);
        var replies = StreamWorld.Read(slow);
        Assert.Equal("subscriberTooSlow", replies[0].GetProperty("gap").GetProperty("reason").GetString());
        Assert.Equal(100, replies.Where(reply => reply.TryGetProperty("state", out _)).Sum(reply => reply.GetProperty("state").GetArrayLength()));
        Assert.True(replies[^1].GetProperty("ready").GetBoolean());
    }

    private static List<string> ReadAll(Publisher publisher, DeviceFilter? filter)
    {
        var walk = publisher.Walk(filter, false);
        var read = new List<string>();
        while (!walk.IsAtEnd)
            ReadSome(walk, 1_000_000, read);
        publisher.EndWalk(walk);
        return read;
    }

    private static void ReadSome(StateWalk walk, int steps, List<string> read)
    {
        while (walk.TryNext(ref steps, out _, out var view))
            read.Add(Encoding.UTF8.GetString(walk.Encode(view)));
    }

    private static void Read(SubscriberStream stream, List<string> events)
    {
        var frame = new ByteBuffer();
        if (!stream.NextFrame(frame))
            return;
        using var reply = JsonDocument.Parse(frame.Written[..^1].ToArray());
        if (reply.RootElement.GetProperty("parameters").TryGetProperty("events", out var list))
            events.AddRange(list.EnumerateArray().Select(e => $"{e.GetProperty("action").GetString()} {e.GetProperty("device").GetProperty("sysname").GetString()}"));
    }

    private static string Key(string device)
    {
        using var parsed = JsonDocument.Parse(device);
        return Key(parsed.RootElement);
    }

    private static string Key(JsonElement device) => $"{device.GetProperty("devpath").GetString()} {(device.GetProperty("properties").TryGetProperty("LEVEL", out var level) ? level.GetString() : "")}";

    /// <summary>What a client makes of what it gets.</summary>
    private sealed class Replica
    {
        public Dictionary<string, string> Devices { get; } = [];

        public List<string> Mistakes { get; } = [];

        public bool IsReady { get; private set; }

        public void Take(SubscriberStream stream)
        {
            var frame = new ByteBuffer();
            if (!stream.HasSomething || !stream.NextFrame(frame))
                return;
            using var parsed = JsonDocument.Parse(frame.Written[..^1].ToArray());
            var reply = parsed.RootElement.GetProperty("parameters");
            if (reply.TryGetProperty("state", out var state))
            {
                foreach (var device in state.EnumerateArray())
                    Put(device, isNew: true);
            }
            IsReady |= reply.TryGetProperty("ready", out _);
            if (!reply.TryGetProperty("events", out var events))
                return;
            foreach (var one in events.EnumerateArray())
                Apply(one.GetProperty("action").GetString()!, one);
        }

        private void Apply(string action, JsonElement one)
        {
            var device = one.GetProperty("device");
            if (!IsReady)
                Mistakes.Add("an event before the state is complete");
            if (action == "remove")
            {
                if (!Devices.Remove(device.GetProperty("devpath").GetString()!))
                    Mistakes.Add($"remove of what is not known: {device}");
                return;
            }
            if (action == "move")
                Move(one.GetProperty("oldDevpath").GetString()!, device.GetProperty("devpath").GetString()!);
            Put(device, isNew: action == "add");
        }

        private void Put(JsonElement device, bool isNew)
        {
            var path = device.GetProperty("devpath").GetString()!;
            if (Devices.ContainsKey(path) == isNew)
                Mistakes.Add($"{(isNew ? "add of what is known" : "change of what is not known")}: {path}");
            Devices[path] = Key(device);
        }

        private void Move(string from, string to)
        {
            foreach (var path in Devices.Keys.Where(path => path == from || path.StartsWith(from + "/", StringComparison.Ordinal)).ToList())
            {
                Devices.Remove(path, out var key);
                Devices.Add(to + path[from.Length..], to + key![from.Length..]);
            }
        }
    }
}
