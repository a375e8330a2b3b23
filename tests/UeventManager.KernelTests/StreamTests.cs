using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// The state and then every change, exactly, whatever is going on: each subscriber's picture is held against a model that knows nothing of the
/// daemon, and each event against the picture that it changes.
/// </summary>
public sealed class StreamTests
{
    private const int Steps = 6000;

    private static readonly (string Name, object Parameters, Func<ModelDevice, bool> Wanted)[] Kinds =
    [
        ("everything", new { }, _ => true),
        ("subsystems", new { filter = new { subsystems = new[] { "odd" } } }, device => device.Subsystem == "odd"),
        ("devtypes", new { filter = new { devtypes = new[] { "t1" } } }, device => device.Type == 1),
        ("sysnames", new { filter = new { sysnames = new[] { "*[13579]" } } }, device => (device.Name[^1] - '0') % 2 == 1),
        ("devpaths", new { filter = new { devpaths = new[] { "/devices/virtual/*/*[1-5]" } } }, device => device.Name[^1] is >= '1' and <= '5'),
        ("properties", new { filter = new { properties = new { LEVEL = "1" } } }, device => device.Level == 1),
        ("all together", new { filter = new { subsystems = new[] { "o*" }, sysnames = new[] { "!*[24]" }, properties = new { LEVEL = "[12]" } } },
            device => device.Subsystem == "odd" && device.Name[^1] is not ('2' or '4') && device.Level is 1 or 2),
    ];

    [Fact]
    public void Every_kind_of_filter_gives_the_state_and_then_exactly_the_changes_under_a_storm()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var injector = new UeventInjector(sandbox);
        var model = Model.Begin(sysfs, injector);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var stateless = daemon.Subscribe(new { stateless = true, filter = new { subsystems = new[] { "even", "odd" } } });
        Assert.Empty(stateless.Picture);
        var storm = new Thread(() => model.Run(Steps));
        storm.Start();
        var subscribers = new List<(int Kind, Subscription Subscription, HashSet<string> Picture)>();
        try
        {
            for (var i = 0; i < 3 * Kinds.Length; i++)
            {
                var from = i * Steps / (4 * Kinds.Length);
                Eventually.Holds(() => injector.Sent >= from, Deadline.Seconds(60), $"{from} events");
                var subscription = daemon.Subscribe(Kinds[i % Kinds.Length].Parameters);
                subscribers.Add((i % Kinds.Length, subscription, subscription.Picture.Keys.ToHashSet(StringComparer.Ordinal)));
            }
            storm.Join();
            model.AddMarker();
            foreach (var (kind, subscription, picture) in subscribers)
                Check(kind, subscription, picture, model);
            Assert.Equal(injector.Sent, stateless.EventsUntil(one => one.Is("add", "end1"), Deadline.Seconds(60)).Count);
        }
        finally
        {
            storm.Join();
            subscribers.ForEach(one => one.Subscription.Dispose());
        }
    }

    [Fact]
    public void Every_kind_of_filter_resumes_with_its_cursor_as_if_it_had_stayed()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var injector = new UeventInjector(sandbox);
        var model = Model.Begin(sysfs, injector);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var left = Kinds.Select(kind => daemon.Subscribe(kind.Parameters)).Select(one => (Cursor: daemon.Call("List", new { filter = new { sysnames = new[] { "none" } } }).GetProperty("cursor").GetString(), Picture: one.Picture.Keys.ToHashSet(StringComparer.Ordinal), one)).ToList();
        left.ForEach(one => one.one.Dispose());
        model.Run(Steps);
        model.AddMarker();
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var parameters = System.Text.Json.JsonSerializer.SerializeToNode(Kinds[kind].Parameters)!.AsObject();
            parameters["cursor"] = left[kind].Cursor;
            using var resumed = daemon.Subscribe(parameters);
            Check(kind, resumed, left[kind].Picture, model);
        }
    }

    private static void Check(int kind, Subscription subscription, HashSet<string> picture, Model model)
    {
        var name = Kinds[kind].Name;
        foreach (var one in subscription.EventsUntil(one => one.Is("add", "end1"), Deadline.Seconds(60)))
        {
            // The machine's own events are heard here too.
            if (one.Device.IsKobject)
                continue;
            var path = one.Device.DevPath;
            var legal = one.Action switch
            {
                "add" => picture.Add(path),
                // Who leaves a filter by a rename is removed under its new name, having been known under the old one.
                "remove" => picture.Remove(one.OldDevPath ?? path),
                "move" => picture.Remove(one.OldDevPath!) && picture.Add(path),
                _ => picture.Contains(path),
            };
            Assert.True(legal, $"{name}: {one}");
        }
        Assert.Empty(subscription.Gaps);
        Assert.Equal(model.Devices.Where(Kinds[kind].Wanted).Select(device => device.DevPath).Order(StringComparer.Ordinal), picture.Order(StringComparer.Ordinal));
    }

    private sealed record ModelDevice(string Subsystem, string Name, int Type, int Level)
    {
        public string DevPath => $"/devices/virtual/{Subsystem}/{Name}";
    }

    /// <summary>Devices that come, change, are renamed and go, on disk and in the kernel's words.</summary>
    private sealed class Model(FakeSysfs sysfs, UeventInjector injector, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<(ModelDevice Device, FakeDevice Fake)> _devices = [];
        private int _names;

        /// <summary>Devices that were there before the daemon, under a seed that is told.</summary>
        public static Model Begin(FakeSysfs sysfs, UeventInjector injector)
        {
            var seed = Random.Shared.Next();
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
            var model = new Model(sysfs, injector, seed);
            for (var i = 0; i < 60; i++)
                model.Add(announce: false);
            return model;
        }

        public IEnumerable<ModelDevice> Devices => _devices.Select(one => one.Device);

        public void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
                Step();
        }

        public void Add(bool announce = true) =>
            Put(new ModelDevice(_random.Next(2) == 0 ? "even" : "odd", $"d{++_names}", _random.Next(3), _random.Next(3)), announce);

        public void AddMarker() => Put(new ModelDevice("odd", "end1", 1, 1), announce: true);

        private void Put(ModelDevice device, bool announce)
        {
            _devices.Add((device, sysfs.AddDevice(device.DevPath, device.Subsystem, Lines(device))));
            if (announce)
                injector.Send("add", _devices[^1].Fake, Lines(device));
        }

        private void Step()
        {
            var choice = _random.Next(10);
            if (_devices.Count < 20 || choice == 0)
            {
                Add();
                return;
            }
            var index = _random.Next(_devices.Count);
            var (device, fake) = _devices[index];
            if (choice == 1)
            {
                injector.Send("remove", fake, Lines(device));
                fake.Remove();
                _devices.RemoveAt(index);
            }
            else if (choice == 2)
            {
                device = device with { Name = $"d{++_names}" };
                var renamed = sysfs.Rename(fake, device.DevPath);
                injector.Send("move", renamed, [$"DEVPATH_OLD={fake.DevPath}", .. Lines(device)]);
                _devices[index] = (device, renamed);
            }
            else
            {
                device = device with { Level = choice == 3 ? _random.Next(3) : device.Level };
                _devices[index] = (device, fake);
                fake.Write("uevent", string.Concat(Lines(device).Select(line => line + "\n")));
                injector.Send("change", fake, choice == 4 ? ["LEVEL_NOW=1", .. Lines(device)] : Lines(device));
            }
        }

        private static string[] Lines(ModelDevice device) => [$"DEVTYPE=t{device.Type}", $"LEVEL={device.Level}"];
    }
}
