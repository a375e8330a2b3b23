using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>A subscriber that does not read costs only itself: a hundred in every run, a thousand in `make soak`.</summary>
public sealed class SlowSubscriberSoakTests
{
    private const int Events = 20_000;
    private static readonly int Many = Environment.GetEnvironmentVariable("UEVENT_TEST_FUZZ_SECONDS") is null ? 100 : 1000;

    [Fact]
    public void Subscribers_that_never_read_delay_no_other_use_bounded_memory_and_are_disconnected()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 200).Select(i => sysfs.AddDevice($"/devices/virtual/slow/s{i}", "slow")).ToList();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Arguments = ["--subscriber-timeout", $"{TestTime.Seconds(8).TotalSeconds}s"] });
        using var injector = new UeventInjector(sandbox);
        using var measured = daemon.Subscribe(new { filter = new { sysnames = new[] { "s0" } } });
        var late = Subscription.Open(daemon.SocketPath).WaitReady();
        using var readers = new Readers(daemon.SocketPath, Many / 2);
        Latencies(injector, devices[0], measured);
        var alone = Latencies(injector, devices[0], measured);
        var before = ProcessResources.Of(daemon.Pid);
        var silent = Enumerable.Range(0, Many / 2).Select(i => Silent(daemon.SocketPath, i)).ToList();
        try
        {
            for (var i = 0; i < Events; i++)
                injector.Send("change", devices[1 + (i % 199)]);
            injector.Send("change", devices[0]);
            measured.NextEvent(Deadline.Seconds(120));
            var after = ProcessResources.Of(daemon.Pid);
            Assert.Equal("subscriberTooSlow", late.WaitForGap(Deadline.Seconds(60)).GetProperty("reason").GetString());
            Assert.Equal(200, late.Picture.Count);
            // It would not read on and be one of those who are closed.
            late.Dispose();
            var beside = Latencies(injector, devices[0], measured);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Many} subscribers, half of them silent, {Events} events: latency alone {alone}, beside them {beside}; anonymous memory {before.AnonymousKib / 1024} MiB before, {after.AnonymousKib / 1024} MiB after");
            Assert.InRange(beside.Median, 0, TestTime.Factor * (20_000 + (20 * alone.Median)));
            // The ring, and for each of those who read nothing far less than what it has not read.
            Assert.InRange(after.AnonymousKib - before.AnonymousKib, long.MinValue, 1024 * (48 + (Many / 10)));
            Eventually.Holds(() => daemon.Counters()["connectionsStalled"] == Many / 2, Deadline.Seconds(60), "those who never read are closed");
            Eventually.Holds(() => ProcessResources.Of(daemon.Pid).Descriptors <= before.Descriptors, Deadline.Default, $"{before.Descriptors} descriptors again");
            Eventually.Holds(() => daemon.Log.Split('\n').Count(line => line.Contains("has read nothing", StringComparison.Ordinal)) == Many / 2, Deadline.Default, "a line for each");
            readers.AssertAlive();
            injector.Send("change", devices[0]);
            measured.NextEvent();
        }
        finally
        {
            late.Dispose();
            silent.ForEach(one => one.Dispose());
        }
    }

    private static Socket Silent(string path, int index)
    {
        var filter = index % 2 == 0 ? "{}" : $$$"""{"filter":{"sysnames":["s*","x{{{index}}}"]}}""";
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(Encoding.UTF8.GetBytes($$"""{"method":"{{VarlinkProbe.Devices}}Subscribe","parameters":{{filter}},"more":true}""" + "\0"));
        return socket;
    }

    private static Latency Latencies(UeventInjector injector, FakeDevice device, Subscription measured)
    {
        var usec = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var start = Stopwatch.GetTimestamp();
            injector.Send("change", device);
            measured.NextEvent();
            usec.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        usec.Sort();
        return new Latency(usec[100], usec[197]);
    }

    private readonly record struct Latency(double Median, double Late)
    {
        public override string ToString() => $"{Median:F0} µs (p99 {Late:F0})";
    }

    /// <summary>Subscribers that read as fast as they can, on one thread.</summary>
    private sealed class Readers : IDisposable
    {
        private readonly List<Socket> _sockets;
        private readonly Thread _thread;
        private volatile bool _ended;
        private volatile bool _lost;

        public Readers(string path, int count)
        {
            _sockets = [.. Enumerable.Range(0, count).Select(_ => Silent(path, 0))];
            _thread = new Thread(Read);
            _thread.Start();
        }

        public void AssertAlive() => Assert.False(_lost, "one who read was closed");

        public void Dispose()
        {
            _ended = true;
            _thread.Join();
            _sockets.ForEach(socket => socket.Dispose());
        }

        private void Read()
        {
            var buffer = new byte[256 * 1024];
            while (!_ended)
            {
                var ready = new List<Socket>(_sockets);
                Socket.Select(ready, null, null, 100_000);
                foreach (var socket in ready)
                    _lost |= socket.Receive(buffer) == 0;
            }
        }
    }
}
