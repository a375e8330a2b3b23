using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>
/// Bridge, daemon, broker and consumer are killed at random moments while devices come, change and go. When it is quiet the fleet shows what the daemon
/// lists, and whoever watched saw each event of a device once and in order, or was told of a gap.
/// </summary>
public sealed class FleetSoakTests
{
    private const string Host = "soak";
    private const int Devices = 40;
    private static readonly int s_kills = Soak.Seconds is null ? 6 : 80;

    public static TheoryData<string, bool> Cases => new() { { "bookworm", true }, { "trixie", true }, { "bookworm", false }, { "trixie", false } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void After_any_kill_the_fleet_lists_the_daemons_devices(string suite, bool sparesDaemon)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var server = NatsServer.Start(sandbox, suite, new NatsServerOptions { Setup = ["--keep", "64"] });
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var random = Seed.Random();
        RunningProcess Bridge() => FleetCommand.Start(sandbox, ["publish", "--host", Host, "--socket", daemon.SocketPath, "--heartbeat", "300ms"]);
        RunningProcess Monitor() => FleetCommand.Start(sandbox, ["monitor", "--json", "--filter", "subsystem=soak"]);
        var bridge = Bridge();
        // One is never killed; it shows whether anything was lost.
        using var witness = Monitor();
        var monitor = Monitor();
        using var ending = new CancellationTokenSource();
        using var injector = new UeventInjector(sandbox);
        Begin(injector, sysfs, witness);
        var told = new Life(injector, sysfs, random.Next(), ending.Token);
        var thread = new Thread(told.Run);
        thread.Start();
        var kills = new List<string>();
        try
        {
            while (kills.Count < s_kills)
            {
                var sent = injector.Sent + random.Next(5, 60);
                SpinWait.SpinUntil(() => injector.Sent >= sent, Deadline.Seconds(10).Remaining);
                var what = random.Next(sparesDaemon ? 3 : 4);
                kills.Add(new[] { "bridge", "broker", "consumer", "daemon" }[what]);
                switch (what)
                {
                    case 0:
                        Kill(bridge);
                        bridge.Dispose();
                        bridge = Bridge();
                        break;
                    case 1:
                        server.Kill();
                        SpinWait.SpinUntil(() => false, random.Next(300));
                        server.StartAgain();
                        break;
                    case 2:
                        // One that the broker's end met before its first answer has ended by itself, as a command does.
                        if (!monitor.HasExited)
                            Kill(monitor);
                        Judge(monitor);
                        monitor.Dispose();
                        monitor = Monitor();
                        break;
                    default:
                        daemon.Kill();
                        daemon.StartAgain();
                        break;
                }
            }
        }
        finally
        {
            ending.Cancel();
            thread.Join();
        }
        try
        {
            FleetCommand.Agree(sandbox, daemon, Host, $"the fleet shows what there is, after kills of {string.Join(", ", kills)}", 120);
            var last = told.Sent;
            if (sparesDaemon)
                Eventually.Holds(() => HasGap(witness) || Numbers(witness).Contains(last), Deadline.Seconds(60), $"number {last} is seen, after kills of {string.Join(", ", kills)}");
            Judge(witness);
            Judge(monitor);
            // The daemon keeps what the bridge has not read, so that nothing may be missing, unless it is said.
            if (sparesDaemon && !HasGap(witness))
                Assert.Equal(Enumerable.Range(1, last).Except(Numbers(witness)), []);
        }
        finally
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"kills: {string.Join(", ", kills)}; events: {told.Sent}; the bridge: {bridge.Error}");
            bridge.Dispose();
            monitor.Dispose();
        }
    }

    private static void Begin(UeventInjector injector, FakeSysfs sysfs, RunningProcess monitor)
    {
        var first = sysfs.AddDevice("/devices/virtual/soak/first", "soak");
        Eventually.Holds(() =>
        {
            injector.Send("change", first);
            // That the host is there is told before its state.
            return monitor.Lines.Any(line => line.Contains("/first", StringComparison.Ordinal));
        }, Deadline.Seconds(60), "the consumer has begun");
    }

    private static void Kill(RunningProcess process)
    {
        process.Signal(Syscalls.SIGKILL);
        process.WaitForExit(Deadline.Default);
    }

    private static bool HasGap(RunningProcess monitor) => monitor.Lines.Any(line => line.Contains("\"gap\":", StringComparison.Ordinal));

    private static IEnumerable<JsonElement> Events(RunningProcess monitor) =>
        monitor.Lines.Select(line => JsonDocument.Parse(line).RootElement).Where(one => one.TryGetProperty("action", out _));

    private static HashSet<int> Numbers(RunningProcess monitor) => [.. Events(monitor).Select(NumberOf).OfType<int>()];

    private static int? NumberOf(JsonElement one) =>
        one.GetProperty("device").GetProperty("properties").TryGetProperty("NUMBER", out var number) ? int.Parse(number.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : null;

    // Each event once; those of a device in the order in which they happened. What the bridge tells of a state is not an event of the kernel.
    private static void Judge(RunningProcess monitor)
    {
        var events = Events(monitor).Where(one => one.TryGetProperty("seqnum", out _)).ToList();
        var twice = events.GroupBy(one => $"{one.GetProperty("cursor").GetString()} {one.GetProperty("device").GetProperty("devpath").GetString()}").Where(same => same.Count() > 1).Select(same => same.Key);
        Assert.Empty(twice);
        foreach (var device in events.GroupBy(one => one.GetProperty("device").GetProperty("devpath").GetString()))
        {
            var numbers = device.Select(NumberOf).OfType<int>().ToList();
            Assert.Equal(numbers.Order(), numbers);
        }
    }

    // Devices that come, change and go, each uevent with a number of its own.
    private sealed class Life(UeventInjector injector, FakeSysfs sysfs, int seed, CancellationToken ending)
    {
        private readonly Dictionary<int, FakeDevice> _there = [];
        private readonly Random _random = new(seed);

        public int Sent { get; private set; }

        public void Run()
        {
            while (!ending.IsCancellationRequested)
            {
                var which = _random.Next(Devices);
                if (!_there.TryGetValue(which, out var device))
                {
                    _there[which] = device = sysfs.AddDevice($"/devices/virtual/soak/d{which}", "soak");
                    Send("add", device);
                }
                else if (_random.Next(4) == 0)
                {
                    // device_del() takes its directory away before the uevent is sent.
                    _there.Remove(which);
                    device.Remove();
                    Send("remove", device);
                }
                else
                    Send("change", device);
                if (_random.Next(3) == 0)
                    ending.WaitHandle.WaitOne(_random.Next(8));
            }
        }

        private void Send(string action, FakeDevice device) => injector.Send(action, device, $"NUMBER={++Sent}");
    }
}
