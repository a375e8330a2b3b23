using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>In a storm beyond a subscriber's queue a reading subscriber gets all events, and another costs only itself.</summary>
public sealed class StormTests
{
    // Five queues full, and less than half of the kernel's.
    private const int Events = 80_000;

    // Three queues full; the reader starts when it is far behind and has lost nothing.
    private const int Steady = 50_000;
    private const int Head = 10_000;
    private const int AtOnce = 30;

    [Fact]
    public void A_subscriber_that_keeps_reading_gets_every_event_of_a_storm()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 100).Select(i => sysfs.AddDevice($"/devices/virtual/storm/s{i}", "storm")).ToList();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var reader = daemon.Subscribe(new { stateless = true });
        using var silent = Silent(daemon.SocketPath);
        // Whoever measures a storm has read before: the first events take this process ten times as long.
        for (var i = 0; i < 4_000; i++)
            injector.Send("change", devices[1]);
        injector.Send("remove", devices[1]);
        reader.EventsUntil(one => one.Is("remove", "s1"), Deadline.Seconds(60));
        Storm(daemon, injector, devices);
        var events = reader.EventsUntil(one => one.Is("remove", "s0"), Deadline.Seconds(120));
        // The machine's own events are heard here too.
        Assert.Equal(Enumerable.Range(0, Events).Select(i => $"{i}"), events.Select(one => one.Device.Property("NUMBER")).Where(number => number is not null));
        Assert.Empty(reader.Gaps);
        Assert.True(daemon.Counters()["pausedUsec"] > 0, "nobody was waited for");
    }

    [Fact]
    public void The_daemon_does_not_wait_for_a_subscriber_that_reads_nothing_or_very_little()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 100).Select(i => sysfs.AddDevice($"/devices/virtual/storm/s{i}", "storm")).ToList();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var other = daemon.Subscribe(new { stateless = true, filter = new { actions = new[] { "remove" } } });
        using var silent = Silent(daemon.SocketPath);
        using var trickling = Silent(daemon.SocketPath);
        using var trickle = new Trickle(trickling);
        Storm(daemon, injector, devices);
        other.WaitForEvent(one => one.Is("remove", "s0"), Deadline.Seconds(60));
        // Whoever has read everything is kept back for neither of them.
        Assert.Equal(0, daemon.Counters()["pausedUsec"]);
    }

    // The daemon has taken what there is before the next few come, so that no receive brings as many as it could.
    [Fact]
    public void The_daemon_also_waits_for_a_subscriber_that_reads_slower_than_single_events_come()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 100).Select(i => sysfs.AddDevice($"/devices/virtual/storm/s{i}", "storm")).ToList();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var socket = Silent(daemon.SocketPath);
        using var paced = new PacedReader(socket);
        daemon.WaitForSubscribers(1);
        for (var i = 0; i < Steady; i++)
        {
            injector.Send("change", devices[i % devices.Count], $"NUMBER={i}");
            if (i % AtOnce == 0)
                Eventually.Holds(() => daemon.Counters()["received"] >= injector.Sent, Deadline.Default, "everything taken");
            if (i == Head)
                paced.Start();
        }
        injector.Send("remove", devices[0]);
        Eventually.Holds(() => paced.HasSeenTheLast, Deadline.Seconds(60), "the last event");
        Assert.Equal(0, paced.Gaps);
        Assert.Equal(Steady, paced.Numbers);
        Assert.True(daemon.Counters()["pausedUsec"] > 0, "nobody was waited for");
    }

    // All of it waits for the daemon at once, so that it comes as fast as it is stepped.
    private static void Storm(DaemonProcess daemon, UeventInjector injector, List<FakeDevice> devices)
    {
        daemon.Freeze();
        for (var i = 0; i < Events; i++)
            injector.Send("change", devices[i % devices.Count], $"NUMBER={i}");
        injector.Send("remove", devices[0]);
        daemon.Thaw();
    }

    private static Socket Silent(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(Encoding.UTF8.GetBytes($$"""{"method":"{{VarlinkProbe.Devices}}Subscribe","parameters":{"stateless":true},"more":true}""" + "\0"));
        return socket;
    }

    /// <summary>Reads 48 KiB at most two hundred times a second: more than is waited for at the least, less than is sent.</summary>
    private sealed class PacedReader : IDisposable
    {
        private readonly ManualResetEvent _ended = new(false);
        private readonly Thread _thread;
        private readonly byte[] _buffer = new byte[48 * 1024];
        private readonly StringBuilder _frame = new();

        public PacedReader(Socket socket)
        {
            _thread = new Thread(() =>
            {
                while (!_ended.WaitOne(5))
                {
                    if (socket.Available > 0)
                        Take(Encoding.UTF8.GetString(_buffer, 0, socket.Receive(_buffer)));
                }
            });
        }

        public void Start() => _thread.Start();

        public int Numbers { get; private set; }

        public int Gaps { get; private set; }

        public bool HasSeenTheLast { get; private set; }

        public void Dispose()
        {
            _ended.Set();
            _thread.Join();
            _ended.Dispose();
        }

        private void Take(string text)
        {
            var frames = text.Split('\0');
            foreach (var rest in frames[..^1])
            {
                _frame.Append(rest);
                Count(_frame.ToString());
                _frame.Clear();
            }
            _frame.Append(frames[^1]);
        }

        private void Count(string frame)
        {
            Numbers += Regex.Count(frame, "\"NUMBER\":");
            Gaps += Regex.Count(frame, "\"gap\":");
            HasSeenTheLast |= frame.Contains("\"remove\"", StringComparison.Ordinal);
        }
    }

    /// <summary>Reads a hundred bytes a hundred times a second.</summary>
    private sealed class Trickle : IDisposable
    {
        private readonly ManualResetEvent _ended = new(false);
        private readonly Thread _thread;

        public Trickle(Socket socket)
        {
            var buffer = new byte[100];
            _thread = new Thread(() =>
            {
                while (!_ended.WaitOne(10))
                {
                    if (socket.Available > 0)
                        socket.Receive(buffer);
                }
            });
            _thread.Start();
        }

        public void Dispose()
        {
            _ended.Set();
            _thread.Join();
            _ended.Dispose();
        }
    }
}
