using System.Diagnostics;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>A subscriber with a cursor does not notice an orderly restart; after a crash it gets a gap and the true state.</summary>
public sealed class RestartTests
{
    private const string Rules = """
        version: 1
        subsystem: re
        rules:
          - name: late
            match: {sysname: "late*"}
            wait: [{exists: ready}]
            timeout: 10min
        """;

    [Fact]
    public void After_an_orderly_restart_a_cursor_gets_the_rest_and_what_happened_meanwhile()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.SetSeqnum(1);
        var old = Enumerable.Range(0, 50).Select(i => sysfs.AddDevice($"/devices/virtual/re/old{i}", "re", "NAME=old")).ToList();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var injector = new UeventInjector(sandbox);
        using var subscription = daemon.Subscribe();
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/seen", "re"));
        var cursor = subscription.WaitForEvent(one => one.Is("add", "seen")).Cursor;
        var picture = subscription.Picture.Keys.ToHashSet(StringComparer.Ordinal);
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/unread", "re"));
        subscription.WaitForEvent(one => one.Is("add", "unread"));

        Assert.Equal(0, daemon.Terminate());
        injector.Send("remove", old[0]);
        old[0].Remove();
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/new", "re"));
        old[1].Remove();
        sysfs.AddDevice("/devices/virtual/re/old1", "re", "NAME=again");
        old[2].Write("uevent", "NAME=changed\n");
        daemon.StartAgain();

        using var resumed = daemon.Subscribe(new { cursor });
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/end", "re"));
        var events = resumed.EventsUntil(one => one.Is("add", "end"));
        Assert.Empty(resumed.Gaps);
        Assert.Equal("unread", events[0].Device.SysName);
        Assert.Equal(
            ["add end", "add new", "add old1", "add unread", "change old2", "remove old0", "remove old1"],
            events.Select(one => $"{one.Action} {one.Device.SysName}").Order(StringComparer.Ordinal));
        foreach (var one in events)
            Assert.True(one.Action switch { "add" => picture.Add(one.Device.DevPath), "remove" => picture.Remove(one.Device.DevPath), _ => picture.Contains(one.Device.DevPath) }, one.ToString());
        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), picture.Order(StringComparer.Ordinal));
        Assert.All(events.SkipWhile(one => one.Device.SysName == "unread").Where(one => one.Device.SysName != "end"), one => Assert.True(one.Synthetic));
    }

    // The kernel takes any byte but a space, '/' and ':' (dev_valid_name()).
    [Fact]
    public void A_name_that_is_not_UTF8_is_found_at_a_start_and_is_still_there_after_a_restart()
    {
        const string Name = @"\xff\xfe";
        using var sandbox = Sandbox.Create();
        sandbox.Run(@"ip link add ""$(printf '\377\376')"" type bridge").Ok();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions());
        Assert.Contains(daemon.List(), device => device.SysName == Name);
        string cursor;
        using (var subscription = daemon.Subscribe())
        {
            Assert.Contains("/devices/virtual/net/" + Name, subscription.Picture.Keys);
            sandbox.Run("ip link add uem-1 type bridge").Ok();
            cursor = subscription.WaitForEvent(one => one.Is("add", "uem-1")).Cursor;
        }
        Assert.Equal(0, daemon.Terminate());
        daemon.StartAgain();
        using var resumed = daemon.Subscribe(new { cursor });
        sandbox.Run(@"ip link del ""$(printf '\377\376')""").Ok();
        var events = resumed.EventsUntil(one => one.Is("remove", Name));
        Assert.DoesNotContain(events, one => one.Synthetic && one.Device.SysName == Name);
        Assert.Contains("/devices/virtual/net/uem-1", daemon.List().Select(device => device.DevPath));
    }

    [Fact]
    public void A_device_that_waited_at_the_stop_is_announced_by_the_next_run_with_its_arrival_time()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.SetSeqnum(1);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var injector = new UeventInjector(sandbox);
        string cursor;
        var late = sysfs.AddDevice("/devices/virtual/re/late", "re");
        var before = MonotonicClock.Usec;
        using (var subscription = daemon.Subscribe())
        {
            injector.Send("add", late, "FROM=datagram");
            injector.Send("add", sysfs.AddDevice("/devices/virtual/re/now", "re"));
            cursor = subscription.WaitForEvent(one => one.Is("add", "now")).Cursor;
        }
        var after = MonotonicClock.Usec;
        Assert.Equal(0, daemon.Terminate());
        daemon.StartAgain();
        Assert.Equal(1, daemon.Call("Status").GetProperty("waiting").GetInt64());
        var explained = daemon.Call("Explain", new { device = "re:late" });
        var arrived = explained.GetProperty("history")[0];
        Assert.Equal("arrived", arrived.GetProperty("what").GetString());
        Assert.InRange(arrived.GetProperty("atUsec").GetInt64(), before, after);
        Assert.Equal("delivered", daemon.Call("Explain", new { device = "re:now" }).GetProperty("history").EnumerateArray().Last().GetProperty("what").GetString());
        using var resumed = daemon.Subscribe(new { cursor });
        late.Write("ready", "");
        injector.Send("change", late, "FROM=datagram");
        var added = resumed.NextEvent();
        Assert.True(added.Is("add", "late"), added.ToString());
        Assert.InRange(added.ArrivedUsec, before, after);
        Assert.Empty(resumed.Gaps);
    }

    [Fact]
    public void A_hand_over_is_used_only_once()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        string cursor;
        using (var subscription = daemon.Subscribe())
        {
            injector.Send("add", sysfs.AddDevice("/devices/virtual/re/a", "re"));
            cursor = subscription.NextEvent().Cursor;
        }
        Assert.Equal(0, daemon.Terminate());
        var state = Path.Combine(daemon.RuntimeDirectory, "socket.state");
        Assert.True(File.Exists(state));
        daemon.StartAgain();
        Assert.False(File.Exists(state));
        daemon.Kill();
        sysfs.AddDevice("/devices/virtual/re/b", "re");
        daemon.StartAgain();
        using var late = daemon.Subscribe(new { cursor });
        Assert.Equal("restarted", late.WaitForGap(Deadline.Default).GetProperty("reason").GetString());
        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), late.Picture.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void After_a_kill_in_a_storm_every_subscriber_gets_the_gap_and_exactly_the_true_state()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 500).Select(i => sysfs.AddDevice($"/devices/virtual/re/k{i}", "re")).ToList();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        var subscribers = Enumerable.Range(0, 5).Select(_ => daemon.Subscribe()).ToList();
        var storm = new Thread(() => Storm(sysfs, injector, devices, 100_000));
        storm.Start();
        var cursors = subscribers.Select((one, i) => one.EventsUntil(_ => one.Picture.Count > 0 && injector.Sent > 20_000 + (i * 1000), Deadline.Seconds(60))[^1].Cursor).ToList();
        daemon.Kill();
        daemon.StartAgain(Deadline.Seconds(60));
        subscribers.ForEach(one => one.Dispose());
        storm.Join();
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/end", "re"));
        foreach (var cursor in cursors)
        {
            using var resumed = daemon.Subscribe(new { cursor });
            Assert.Equal("restarted", resumed.WaitForGap(Deadline.Seconds(60)).GetProperty("reason").GetString());
            if (!resumed.Picture.ContainsKey("/devices/virtual/re/end"))
                resumed.WaitForEvent(one => one.Is("add", "end"), Deadline.Seconds(60));
            Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), resumed.Picture.Keys.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("mount -t tmpfs -o size=64k full {0}", "No space")]
    [InlineData("mount -t tmpfs -o ro nothing {0}", "Read-only")]
    public void Without_a_writable_hand_over_a_restart_is_a_gap_and_is_logged_once(string mount, string why)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("full");
        sandbox.Run(string.Format(System.Globalization.CultureInfo.InvariantCulture, mount, scratch.Path)).Ok();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Environment = new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = scratch.Path },
        });
        using var injector = new UeventInjector(sandbox);
        string cursor;
        using (var subscription = daemon.Subscribe())
        {
            for (var i = 0; i < 500; i++)
                injector.Send("add", sysfs.AddDevice($"/devices/virtual/re/f{i}", "re"));
            cursor = subscription.EventsUntil(one => one.Is("add", "f499"))[^1].Cursor;
        }
        Assert.Equal(0, daemon.Terminate());
        var said = daemon.SaidOnce(line => line.Contains("handed over", StringComparison.Ordinal));
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.Equal(2, said.Split("socket.state").Length);
        daemon.StartAgain();
        using var late = daemon.Subscribe(new { cursor });
        Assert.Equal("restarted", late.WaitForGap(Deadline.Default).GetProperty("reason").GetString());
        Assert.Equal(500, late.Picture.Count);
    }

    [Fact]
    public void A_hand_over_of_another_user_is_not_used_and_is_logged_once()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        Assert.Equal(0, daemon.Terminate());
        var state = Path.Combine(daemon.RuntimeDirectory, "socket.state");
        File.WriteAllText(state, "nonsense");
        File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        daemon.StartAgain();
        daemon.SaidOnce(line => line.Contains("not a hand-over", StringComparison.Ordinal));
        Assert.False(File.Exists(state));
    }

    [Fact]
    public void Twenty_thousand_devices_are_handed_over_in_the_blink_of_an_eye()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.SetSeqnum(1);
        for (var i = 0; i < 20_000; i++)
            sysfs.AddDevice($"/devices/virtual/re/m{i}", "re", "NAME=" + new string('x', 200));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root }, Deadline.Seconds(60));
        var cursor = daemon.Call("List", new { filter = new { sysnames = new[] { "m0" } } }).GetProperty("cursor").GetString();
        var stop = Stopwatch.GetTimestamp();
        Assert.Equal(0, daemon.Terminate());
        var stopped = Stopwatch.GetElapsedTime(stop);
        var size = new FileInfo(Path.Combine(daemon.RuntimeDirectory, "socket.state")).Length;
        daemon.StartAgain(Deadline.Seconds(60));
        var total = Stopwatch.GetElapsedTime(stop);
        TestContext.Current.TestOutputHelper?.WriteLine($"20,000 devices, {size} bytes: stopped in {stopped.TotalMilliseconds:F0} ms, answering again after {total.TotalMilliseconds:F0} ms");
        TestContext.Current.TestOutputHelper?.WriteLine(daemon.Log);
        using var resumed = daemon.Subscribe(new { cursor });
        Assert.Empty(resumed.Gaps);
        Assert.InRange(stopped, TimeSpan.Zero, TestTime.Seconds(5));
    }

    private static void Storm(FakeSysfs sysfs, UeventInjector injector, List<FakeDevice> devices, int events)
    {
        for (var i = 0; injector.Sent < events; i++)
        {
            for (var noise = 0; noise < 18; noise++)
                injector.Send("change", devices[(i + noise) % devices.Count]);
            var device = devices[i % devices.Count];
            injector.Send("remove", device);
            device.Remove();
            devices[i % devices.Count] = sysfs.AddDevice(device.DevPath, "re");
            injector.Send("add", devices[i % devices.Count]);
        }
    }
}
