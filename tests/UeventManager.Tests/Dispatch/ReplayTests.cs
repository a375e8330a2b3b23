using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Dispatch;

/// <summary>A client that resumes at a cursor gets exactly what it would have got without the break, with any filter.</summary>
public sealed class ReplayTests
{
    public static TheoryData<string, int> Filters()
    {
        var data = new TheoryData<string, int>();
        foreach (var filter in (string[])["subsystems", "devtypes", "devpaths", "sysnames", "properties", "negated", "all", "actions", "macvtap", "below", "notNet", "variables", "tags", "untagged", "parents", "orphans", "either", "eitherActs"])
        {
            for (var seed = 1; seed <= 4; seed++)
                data.Add(filter, seed);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void A_resumed_subscription_gets_byte_for_byte_what_a_steady_one_got(string name, int seed)
    {
        var world = new StreamWorld();
        var life = new RandomLife(world, seed, FilterOf(name).Parents is not null);
        for (var i = 0; i < 30; i++)
            life.Step();
        var filter = FilterOf(name);
        var steady = world.Publisher.Subscribe(filter, false, false, null);
        _ = StreamWorld.Read(steady);
        var start = world.Publisher.Ring.Next;
        for (var i = 0; i < 400; i++)
            life.Step();
        List<(long Number, string Text)> expected = [.. EventTexts(steady).Select(text => (Number(text), text))];
        Assert.NotEmpty(expected);
        for (var number = start - 1; number < world.Publisher.Ring.Next; number += 7)
        {
            var resumed = world.Publisher.Subscribe(filter, false, false, world.Publisher.CursorAt(number).ToString());
            Assert.Equal(expected.Where(e => e.Number > number).Select(e => e.Text), EventTexts(resumed));
            Assert.Equal(0, resumed.Gaps);
            world.Publisher.Unsubscribe(resumed);
        }
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void After_its_replay_a_subscription_goes_on_like_one_that_was_always_there(string name, int seed)
    {
        var world = new StreamWorld();
        var life = new RandomLife(world, seed, FilterOf(name).Parents is not null);
        for (var i = 0; i < 100; i++)
            life.Step();
        var filter = FilterOf(name);
        var steady = world.Publisher.Subscribe(filter, false, false, null);
        _ = StreamWorld.Read(steady);
        var cursor = world.Publisher.LastCursor.ToString();
        for (var i = 0; i < 300; i++)
            life.Step();
        var resumed = world.Publisher.Subscribe(filter, false, false, cursor);
        var rest = EventTexts(resumed);
        for (var i = 0; i < 300; i++)
        {
            life.Step();
            if (i % 3 == 0)
                rest.AddRange(EventTexts(resumed));
        }
        rest.AddRange(EventTexts(resumed));
        Assert.Equal(EventTexts(steady), rest);
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void A_subscriber_that_applies_its_events_knows_the_devices_of_List(string name, int seed)
    {
        var world = new StreamWorld();
        var life = new RandomLife(world, seed, FilterOf(name).Parents is not null);
        for (var i = 0; i < 30; i++)
            life.Step();
        // "actions" hears no moves, and so does not know where they lead.
        var filter = FilterOf(name) is { Actions: not null } some ? some with { Actions = [Glob.Parse("!change")] } : FilterOf(name == "eitherActs" ? "either" : name) with { Variables = null };
        var replica = new Replica(filter);
        var stream = world.Publisher.Subscribe(filter, false, false, null);
        for (var i = 0; i < 400; i++)
        {
            life.Step();
            if (i % 50 == 49)
            {
                // Away for a while, and back by the cursor.
                world.Publisher.Unsubscribe(stream);
                for (var steps = i % 7; steps >= 0; steps--)
                    life.Step();
                stream = world.Publisher.Subscribe(filter, false, false, replica.Cursor);
            }
            Assert.Null(replica.Read(stream));
            Assert.Null(replica.DifferenceTo(world.Publisher));
        }
        Assert.Equal(0, replica.Gaps);
        Assert.True(replica.Events.GetValueOrDefault("move") > 0, "no move was told");
    }

    [Fact]
    public void Events_during_a_long_replay_are_neither_lost_nor_doubled()
    {
        var world = new StreamWorld();
        world.Uevent("add", "/devices/virtual/net/a");
        var cursor = world.Publisher.LastCursor.ToString();
        for (var i = 0; i < 3000; i++)
            world.Uevent("change", "/devices/virtual/net/a", $"N={i}");
        var filter = new DeviceFilter { SysNames = [Glob.Parse("a")] };
        var resumed = world.Publisher.Subscribe(filter, false, false, cursor);
        var frame = new ByteBuffer();
        Assert.True(resumed.NextFrame(frame) && resumed.NextFrame(frame) && resumed.HasWork);
        var first = System.Text.Encoding.UTF8.GetString(frame.Written).Split("\"N\":").Length - 1;
        for (var i = 3000; i < 3100; i++)
            world.Uevent("change", "/devices/virtual/net/a", $"N={i}");
        var rest = EventTexts(resumed);
        Assert.Equal(3100, first + rest.Count);
        Assert.Contains("\"N\":\"3099\"", rest[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_replay_with_ancestors_over_a_move_below_another_is_a_gap_and_never_wrong()
    {
        var world = new StreamWorld();
        world.Uevent("add", "/devices/virtual/net/a");
        world.Uevent("add", "/devices/virtual/net/b");
        world.Uevent("add", "/devices/virtual/net/a/x");
        var filter = new DeviceFilter { Parents = [ParentPattern.Parse("net:a")] };
        var steady = world.Publisher.Subscribe(filter, false, false, null);
        var cursor = world.Publisher.LastCursor.ToString();
        Assert.Single(StreamWorld.Read(steady), reply => reply.TryGetProperty("state", out var state) && state.GetArrayLength() == 1);
        world.Uevent("move", "/devices/virtual/net/b/x", "DEVPATH_OLD=/devices/virtual/net/a/x");
        Assert.Equal(["remove x"], StreamWorld.Events(steady));
        var resumed = world.Publisher.Subscribe(filter, false, false, cursor);
        Assert.Empty(EventTexts(resumed));
        Assert.Equal(1, resumed.Gaps);
    }

    private static List<string> EventTexts(SubscriberStream stream) =>
        [.. StreamWorld.Read(stream).Where(r => r.TryGetProperty("events", out _)).SelectMany(r => r.GetProperty("events").EnumerateArray()).Select(e => e.GetRawText())];

    private static long Number(string text) =>
        Cursor.TryParse(System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("cursor").GetString()!, out var cursor) ? cursor.Number : throw new FormatException(text);

    private static DeviceFilter FilterOf(string name) => name switch
    {
        "subsystems" => new DeviceFilter { Subsystems = [Glob.Parse("net")] },
        "devtypes" => new DeviceFilter { DevTypes = [Glob.Parse("t1")] },
        "devpaths" => new DeviceFilter { DevPaths = [Glob.Parse("/devices/virtual/net/*[02468]")] },
        "sysnames" => new DeviceFilter { SysNames = [Glob.Parse("*[13579]")] },
        "properties" => new DeviceFilter { Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("2"))] },
        "negated" => new DeviceFilter { Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("!2"))], SysNames = [Glob.Parse("!*1")] },
        "macvtap" => new DeviceFilter { Subsystems = [Glob.Parse("macvtap")] },
        "below" => new DeviceFilter { DevPaths = [Glob.Parse("/devices/virtual/net/*[02468]/**")] },
        "variables" => new DeviceFilter { Variables = [new("LEVEL_ONCE"u8.ToArray(), Glob.Parse("!2"))], SysNames = [Glob.Parse("*[13579]")] },
        "tags" => new DeviceFilter { Tags = [Glob.Parse("level[12]"), Glob.Parse("other")] },
        "untagged" => new DeviceFilter { Tags = [Glob.Parse("!level2")] },
        "parents" => new DeviceFilter { Parents = [ParentPattern.Parse("net/t1"), ParentPattern.Parse("net:d*[02468]")] },
        "orphans" => new DeviceFilter { Parents = [ParentPattern.Parse("!net:*[13579]")] },
        "either" or "eitherActs" => new DeviceFilter
        {
            SysNames = [Glob.Parse("!*7")],
            Alternatives =
            [
                new DeviceFilter { SysNames = [Glob.Parse("*[13579]")], Actions = name == "eitherActs" ? [Glob.Parse("!change")] : null },
                new DeviceFilter { Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("2"))], Alternatives = [new DeviceFilter { Subsystems = [Glob.Parse("net")] }, new DeviceFilter { DevTypes = [Glob.Parse("t1")] }] },
            ],
        },
        "notNet" => new DeviceFilter { Subsystems = [Glob.Parse("!net")], SysNames = [Glob.Parse("!*[13]")] },
        "actions" => new DeviceFilter { Actions = [Glob.Parse("add"), Glob.Parse("remove")], SysNames = [Glob.Parse("*[13579]")] },
        _ => new DeviceFilter { DevPaths = [Glob.Parse("/devices/**")], DevTypes = [Glob.Parse("t*")], Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("[12]"))] },
    };

    /// <summary>Devices that come, change, are renamed and go, with properties that stay, change, and are of one event only.</summary>
    private sealed class RandomLife(StreamWorld world, int seed, bool isRenamedOnly)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, (int Level, int Type)> _devices = [];
        private int _names;

        public void Step()
        {
            var choice = _random.Next(10);
            if (_devices.Count < 5 || choice == 0)
                Add();
            else if (choice == 1 && _devices.Count > 5)
                Remove(Any());
            else if (choice is 2 or 3)
                Move(Any());
            else
                Change(Any(), choice);
        }

        private string Any() => _devices.Keys.ElementAt(_random.Next(_devices.Count));

        private string NewPath()
        {
            var above = _devices.Count == 0 || _random.Next(2) == 0 ? $"/devices/virtual/{(_random.Next(3) == 0 ? "misc" : "net")}" : Any();
            return $"{(above.Count(c => c == '/') > 6 ? "/devices/virtual/net" : above)}/{(_random.Next(3) == 0 ? "tap" : "d")}{++_names}";
        }

        private void Add()
        {
            var path = NewPath();
            _devices[path] = (_random.Next(3), _random.Next(2));
            Send("add", path);
        }

        private void Remove(string path)
        {
            Send("remove", path, _random.Next(2) == 0 ? "DRIVER=gone" : "X=1");
            foreach (var gone in WithBelow(path))
                _devices.Remove(gone);
        }

        private List<string> WithBelow(string path) => [.. _devices.Keys.Where(p => p == path || p.StartsWith(path + "/", StringComparison.Ordinal))];

        // A rename, or a move to another parent.
        private void Move(string path)
        {
            var name = path[path.LastIndexOf('/')..].StartsWith("/tap", StringComparison.Ordinal) ? "tap" : "d";
            var above = !isRenamedOnly && _random.Next(4) == 0 ? Any() : path[..path.LastIndexOf('/')];
            if (above.Count(c => c == '/') > 6 || above == path || above.StartsWith(path + "/", StringComparison.Ordinal))
                above = path[..path.LastIndexOf('/')];
            // The subsystem of a device is what it is: what StreamWorld makes of the path must not change.
            if (above.Contains("/net", StringComparison.Ordinal) != path.Contains("/net/", StringComparison.Ordinal))
                above = path[..path.LastIndexOf('/')];
            var next = $"{above}/{name}{++_names}";
            foreach (var moved in WithBelow(path))
            {
                _devices.Remove(moved, out var was);
                _devices[next + moved[path.Length..]] = was;
            }
            Send("move", next, $"DEVPATH_OLD={path}");
        }

        private void Change(string path, int choice)
        {
            if (choice is 4 or 5)
                _devices[path] = (_random.Next(4), _devices[path].Type);
            Send(choice == 6 ? "bind" : "change", path, choice is 7 or 8 ? ["LEVEL_ONCE=2", "ONCE=\"q\\\u00e9"] : []);
        }

        private void Send(string action, string path, params string[] more) =>
            world.Uevent(action, path, [.. more, $"DEVTYPE=t{_devices[path].Type}", $"LEVEL={_devices[path].Level}", $"TAGS=:seat:level{_devices[path].Level}:", $"SEQNUM={_names}"]);
    }
}
