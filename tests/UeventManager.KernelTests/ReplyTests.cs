using System.Net.Sockets;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// What a client was generated from is what the daemon sends. The probe holds every reply of every kernel test to the interface files; here
/// is each kind of reply, and each error, once.
/// </summary>
public sealed class ReplyTests
{
    private const string Service = "org.varlink.service.";

    private const string Rules = """
        version: 1
        subsystem: reply
        rules:
          - name: late
            match: {sysname: "late*"}
            wait: [{exists: ready}, {attribute: speed, atLeast: 1}]
            timeout: 10min
          - name: attached
            attach: {attributes: [speed], links: [subsystem]}
        """;

    [Fact]
    public void State_events_gap_and_ready_of_a_subscription_are_as_declared()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < 5000; i++)
            sysfs.AddDevice($"/devices/virtual/reply/old{i}", "reply", "NAME=with \u00e4 and \"quotes\"", new string('X', 300) + "=1");
        sysfs.AddDevice("/devices/virtual/reply/late0", "reply");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var subscription = daemon.Subscribe(new { unsettled = true });
        Assert.Equal(5001, subscription.Picture.Count);
        Assert.NotEmpty(subscription.Picture["/devices/virtual/reply/late0"].Missing);
        using var injector = new UeventInjector(sandbox);
        var device = sysfs.AddDevice("/devices/virtual/reply/new", "reply");
        device.Write("speed", "10\n");
        injector.Send("add", device, "DEVNAME=reply/new", "DEVTYPE=one", "DRIVER=it");
        var added = subscription.WaitForEvent(one => one.Is("add", "new"));
        Assert.Equal("10", added.Device.Attribute("speed"));
        injector.Send("change", device, "SYNTH_UUID=0");
        subscription.WaitForEvent(one => one.Is("change", "new") && one.Synthetic);
        injector.Send("add", "/module/reply", "module");
        Assert.True(subscription.WaitForEvent(one => one.Is("add", "reply")).Device.IsKobject);
        injector.Send("remove", device);
        subscription.WaitForEvent(one => one.Is("remove", "new"));
        using var behind = daemon.Subscribe(new { cursor = "no cursor at all" });
        Assert.Equal("cursorUnknown", behind.WaitForGap(Deadline.Default).GetProperty("reason").GetString());
        using var stateless = daemon.Subscribe(new { stateless = true, cursor = added.Cursor });
        stateless.WaitForEvent(one => one.Is("remove", "new"));
        Assert.Empty(stateless.Gaps);
    }

    [Fact]
    public void A_list_of_any_length_is_as_declared_with_more_and_beyond_eight_mebibytes_expects_it()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        // Some 4 KB each, as long as a uevent file of the kernel's can be (UEVENT_BUFFER_SIZE is 2048; attributes have a page).
        for (var i = 0; i < 2500; i++)
            sysfs.AddDevice($"/devices/virtual/reply/r{i}", "reply", "BIG=" + new string('x', 3500));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var probe = daemon.Connect();
        var some = probe.Call(VarlinkProbe.Devices + "List", new { filter = new { sysnames = new[] { "r1*" } } });
        Assert.Equal(1111, some.GetProperty("devices").GetArrayLength());
        Assert.Equal(Service + "ExpectedMore", probe.CallForError(VarlinkProbe.Devices + "List").Error);
        var replies = probe.CallMore(VarlinkProbe.Devices + "List");
        // In pieces of some 64 KiB: what is not taken is made for nobody.
        Assert.InRange(replies.Count, 9, 200);
        Assert.Equal(2500, replies.Sum(reply => reply.GetProperty("devices").GetArrayLength()));
        Assert.All(replies.SkipLast(1), reply => Assert.False(reply.TryGetProperty("cursor", out _)));
        Assert.True(replies[^1].TryGetProperty("cursor", out _));
    }

    [Fact]
    public void Get_status_and_the_descriptions_are_as_declared()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        using var probe = daemon.Connect();
        Assert.Equal("lo", new DeviceView(probe.Call(VarlinkProbe.Devices + "Get", new { device = "net:lo" }).GetProperty("device")).SysName);
        Assert.Single(probe.Call(VarlinkProbe.Devices + "Status").GetProperty("subscribers").EnumerateArray());
        foreach (var name in probe.Call(Service + "GetInfo").GetProperty("interfaces").EnumerateArray())
            probe.Call(Service + "GetInterfaceDescription", new { @interface = name.GetString() });
    }

    [Fact]
    public void Every_error_is_as_declared()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddDevice("/devices/virtual/reply/late0", "reply");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var probe = daemon.Connect();
        var notSettled = probe.CallForError(VarlinkProbe.Devices + "Get", new { device = "reply:late0" });
        Assert.Equal(VarlinkProbe.Devices + "NotSettled", notSettled.Error);
        Assert.Equal(2, notSettled.Parameters.GetProperty("missing").GetArrayLength());
        Assert.Equal(VarlinkProbe.Devices + "NoSuchDevice", probe.CallForError(VarlinkProbe.Devices + "Get", new { device = "\u00e4\n\"" }).Error);
        foreach (var (method, parameters, error) in Mistakes())
            Assert.Equal((method, Service + error), (method, probe.CallForError(method, parameters).Error));
        Assert.Equal(Service + "MethodNotImplemented", probe.CallForError(
            VarlinkProbe.Devices + "Get", $$"""{"method":"{{VarlinkProbe.Devices}}Get","parameters":{"device":"x"},"upgrade":true}""").Error);
        Assert.Equal(Service + "ExpectedMore", probe.CallForError(VarlinkProbe.Devices + "Subscribe").Error);
    }

    [Fact]
    public void The_connection_beyond_the_limit_is_refused_until_another_one_closes()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var probes = new List<VarlinkProbe>();
        try
        {
            VarlinkReply refusal = default;
            while (refusal.Error is null && probes.Count <= 4096)
            {
                probes.Add(daemon.Connect());
                refusal = Ask(probes[^1]);
            }
            Assert.Equal(VarlinkProbe.Devices + "TooManySubscribers", refusal.Error);
            Assert.Equal(probes.Count - 1, refusal.Parameters.GetProperty("limit").GetInt32());
            Assert.True(probes[^1].IsClosed(Deadline.Default));
        }
        finally
        {
            probes.ForEach(probe => probe.Dispose());
        }
        Eventually.Holds(IsServed, Deadline.Default, "a connection that is served");

        bool IsServed()
        {
            using var probe = daemon.Connect();
            return Ask(probe).Error is null;
        }
    }

    private static VarlinkReply Ask(VarlinkProbe probe)
    {
        try
        {
            probe.Send(VarlinkProbe.Devices + "Get", new { device = "net:lo" }, more: false);
        }
        catch (SocketException)
        {
            // Refused already: why, it was sent before.
        }
        return probe.ReadReply("a connection more", Deadline.Default);
    }

    private static IEnumerable<(string Method, object? Parameters, string Error)> Mistakes() =>
    [
        (VarlinkProbe.Devices + "Get", null, "InvalidParameter"),
        (VarlinkProbe.Devices + "Get", new { device = 1 }, "InvalidParameter"),
        (VarlinkProbe.Devices + "Get", new { device = "x", more = "y" }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = new { subsystem = "net" } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = new { sysnames = Enumerable.Repeat("x", 1000) } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = new { sysnames = new[] { "[" } } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = new { sysnames = new[] { new string('x', 1025) } } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = new { devpaths = new[] { string.Concat(Enumerable.Repeat("*a", 3400)) } } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "Wait", new { filter = new { devpaths = Enumerable.Repeat("*a*a*", 33) } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "Settle", new { filter = new { properties = Enumerable.Range(0, 33).ToDictionary(i => $"A{i}", _ => "!x") } }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = Nested(9) }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = Nested(20) }, "InvalidParameter"),
        (VarlinkProbe.Devices + "List", new { filter = Nested(400) }, "InvalidParameter"),
        (VarlinkProbe.Devices + "Nothing", null, "MethodNotFound"),
        ("org.example.nowhere.Get", null, "InterfaceNotFound"),
        (Service + "GetInterfaceDescription", new { @interface = "org.example.nowhere" }, "InterfaceNotFound"),
        (Service + "GetInfo", new { surplus = 1 }, "InvalidParameter"),
    ];

    private static System.Text.Json.Nodes.JsonNode Nested(int depth) => System.Text.Json.Nodes.JsonNode.Parse(
        string.Concat(Enumerable.Repeat("{\"alternatives\":[", depth)) + "{}" + string.Concat(Enumerable.Repeat("]}", depth)), null, new() { MaxDepth = 2048 })!;
}
