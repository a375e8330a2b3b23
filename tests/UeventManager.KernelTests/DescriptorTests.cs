using System.Net.Sockets;
using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A failed look for lack of descriptors must not lose devices or drop changes.</summary>
public sealed class DescriptorTests : IDisposable
{
    private const string Rules = """
        version: 1
        subsystem: desc
        rules:
          - name: ready
            on: [add, change]
            wait:
              - exists: ready
              - {attribute: state, equals: up}
            timeout: 10min
            attach: {attributes: [state], links: [peer]}
        """;

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly List<Socket> _crowd = [];

    public void Dispose()
    {
        _crowd.ForEach(socket => socket.Dispose());
        _sysfs.Dispose();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    public void Clients_that_take_all_they_can_get_leave_enough_for_looks(int descriptors)
    {
        Requires.Tools("prlimit");
        using var daemon = Start($"prlimit --nofile={descriptors}:{descriptors} --");
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(_sandbox);
        for (var i = 0; i < 300; i++)
            _crowd.Add(Connect(daemon));
        Eventually.Holds(() => _crowd.Exists(socket => socket.Poll(0, SelectMode.SelectRead)), Deadline.Default, "a connection refused");
        var devices = Enumerable.Range(0, 40).Select(i => Add(injector, $"d{i}")).ToList();
        for (var i = 0; i < 40; i += 2)
            Complete(devices[i]);
        for (var i = 0; i < 40; i += 2)
            subscription.WaitForEvent(one => one.Is("add", $"d{i}"), Deadline.Seconds(60));
        for (var i = 1; i < 40; i += 2)
            Complete(devices[i]);
        for (var i = 1; i < 40; i += 2)
            Assert.Equal("up", subscription.WaitForEvent(one => one.Is("add", $"d{i}"), Deadline.Seconds(60)).Device.Attribute("state"));
        Assert.Empty(subscription.Gaps);
        Assert.Equal(_sysfs.DevPaths().Order(StringComparer.Ordinal), subscription.Picture.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_free_descriptors_nothing_is_lost_and_the_failure_is_reported()
    {
        Requires.Tools("prlimit");
        var old = Enumerable.Range(0, 40).Select(i => _sysfs.AddDevice($"/devices/virtual/desc/old{i}", "desc")).ToList();
        old.ForEach(Complete);
        using var daemon = Start();
        // READY waits for reads for a second, which may not be enough on a busy machine.
        Eventually.Holds(() => daemon.List().Count == 40, Deadline.Seconds(60), "all of them are announced");
        using var subscription = daemon.Subscribe();
        using var probe = daemon.Connect();
        using var injector = new UeventInjector(_sandbox);
        Assert.Equal(40, subscription.Picture.Count);

        _sandbox.Run($"prlimit --pid {daemon.Pid} --nofile=3:").Ok();
        // One waits, one changes, one is announced twice, one goes; and of one nobody says that it went.
        var waiting = Add(injector, "waiting");
        Complete(waiting);
        injector.Send("change", old[0]);
        injector.Send("add", old[1], "SYNTH_UUID=0");
        injector.Send("remove", old[2]);
        old[2].Remove();
        subscription.WaitForEvent(one => one.Is("remove", "old2"));
        Eventually.Holds(() => Unseen(probe).Contains(waiting.DevPath), Deadline.Default, "status names it");
        Assert.Equal(["EMFILE"], Status(probe).GetProperty("unseen").EnumerateArray().Select(one => one.GetProperty("errno").GetString()).Distinct());
        Assert.True(Status(probe).GetProperty("counters").GetProperty("looksFailed").GetInt64() > 0);
        daemon.SaidOnce(line => line.Contains("cannot be looked at (EMFILE)", StringComparison.Ordinal));

        _sandbox.Run($"prlimit --pid {daemon.Pid} --nofile=1024:").Ok();
        subscription.WaitForEvent(one => one.Is("add", "waiting"));
        subscription.WaitForEvent(one => one.Is("change", "old0"));
        subscription.WaitForEvent(one => one.Is("change", "old1") && one.Synthetic);
        Assert.Empty(subscription.Gaps);
        Assert.Equal(_sysfs.DevPaths().Order(StringComparer.Ordinal), subscription.Picture.Keys.Order(StringComparer.Ordinal));
        Eventually.Holds(() => !Unseen(probe).Any(), Deadline.Default, "everything has been looked at");
    }

    [Fact]
    public void An_overrun_without_free_descriptors_removes_no_existing_device()
    {
        Requires.Tools("prlimit");
        var old = Enumerable.Range(0, 40).Select(i => _sysfs.AddDevice($"/devices/virtual/desc/old{i}", "desc")).ToList();
        old.ForEach(Complete);
        using var daemon = Start(null, "--receive-buffer", "65536");
        using var subscription = daemon.Subscribe();
        using var probe = daemon.Connect();
        using var injector = new UeventInjector(_sandbox);
        _sandbox.Run($"prlimit --pid {daemon.Pid} --nofile=3:").Ok();
        daemon.Freeze();
        for (var i = 0; i < 2_000; i++)
            injector.Send("change", old[0]);
        injector.Send("remove", old[39]);
        old[39].Remove();
        var late = Add(injector, "late");
        Complete(late);
        daemon.Thaw();
        subscription.WaitForGap(Deadline.Seconds(60));
        // Neither what went nor what came can be known yet.
        Assert.Equal(old.Select(device => device.DevPath).Order(StringComparer.Ordinal), subscription.Picture.Keys.Order(StringComparer.Ordinal));
        Eventually.Holds(() => daemon.Log.Contains("sysfs could not be read completely", StringComparison.Ordinal), Deadline.Default, "the log says so");

        _sandbox.Run($"prlimit --pid {daemon.Pid} --nofile=1024:").Ok();
        subscription.WaitForEvent(one => one.IsAt("remove", old[39].DevPath), Deadline.Seconds(60));
        subscription.WaitForEvent(one => one.IsAt("add", late.DevPath), Deadline.Seconds(60));
        Assert.Single(subscription.Gaps);
        Assert.Equal(_sysfs.DevPaths().Order(StringComparer.Ordinal), subscription.Picture.Keys.Order(StringComparer.Ordinal));
    }

    private DaemonProcess Start(string? prefix = null, params string[] arguments) => DaemonProcess.Start(_sandbox, new DaemonOptions
    {
        Sysfs = _sysfs.Root,
        Rules = Rules,
        Prefix = prefix?.Split(' ') ?? [],
        Arguments = arguments,
    });

    private FakeDevice Add(UeventInjector injector, string name)
    {
        var device = _sysfs.AddDevice($"/devices/virtual/desc/{name}", "desc");
        injector.Send("add", device);
        return device;
    }

    private static void Complete(FakeDevice device)
    {
        device.Write("state", "up\n");
        device.Write("ready", "");
    }

    private static JsonElement Status(VarlinkProbe probe) => probe.Call(VarlinkProbe.Devices + "Status");

    private static IEnumerable<string> Unseen(VarlinkProbe probe) =>
        Status(probe).TryGetProperty("unseen", out var unseen) ? unseen.EnumerateArray().Select(one => one.GetProperty("devpath").GetString()!) : [];

    private static Socket Connect(DaemonProcess daemon)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(daemon.SocketPath));
        return socket;
    }
}
