using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>SR-IOV by injection: virtual functions and their function's change are seen together, or not at all.</summary>
public sealed class GroupTests : IDisposable
{
    private const string Rules = """
        version: 1
        subsystem: fn
        rules:
          - name: virtual
            on: [add]
            match: {exists: is_virtual}
            wait:
              - exists: config
            timeout: 10min
            group: {leader: physfn}
          - name: physical
            match: {exists: totalvfs}
            wait:
              - {count: "virtfn*", equals: {attribute: numvfs}}
            timeout: 10min
            group: {members: "virtfn*"}
        """;

    // Events of block devices reach every namespace, and other tests make some.
    private static readonly string[] s_subsystems = ["fn"];

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly FakeDevice _function;

    public GroupTests()
    {
        _function = _sysfs.AddDevice("/devices/pci/fn0", "fn");
        _function.Write("totalvfs", "8\n");
        _function.Write("numvfs", "0\n");
    }

    public void Dispose()
    {
        _sysfs.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void Four_virtual_functions_and_the_change_of_their_function_come_in_one_transaction()
    {
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = s_subsystems } });
        using var injector = new UeventInjector(_sandbox);
        var functions = Enumerable.Range(1, 4).Select(i => Enable(injector, i)).ToList();
        injector.Send("change", _function);
        foreach (var function in functions)
            function.Write("config", "");
        _function.Write("numvfs", "4\n");

        var events = subscription.EventsUntil(one => one.Is("change", "fn0")).ToList();
        Assert.Equal(["vf1", "vf2", "vf3", "vf4"], events.SkipLast(1).Select(one => one.Device.SysName).Order(StringComparer.Ordinal));
        var first = events[0].Json.GetProperty("group");
        Assert.All(events, one =>
        {
            Assert.Equal(first.GetRawText(), one.Json.GetProperty("group").GetRawText());
            Assert.Equal(events[0].Cursor, one.Cursor);
        });
        Assert.Equal(5, first.GetProperty("size").GetInt32());
        Assert.False(first.GetProperty("partial").GetBoolean());
    }

    [Theory]
    [InlineData("device")]
    [InlineData("parent")]
    public void A_camera_is_announced_together_with_the_nodes_below_it(string leader)
    {
        _sysfs.AddBus("usb");
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions
        {
            Sysfs = _sysfs.Root,
            Rules = $$"""
                version: 1
                subsystem: [usb, video4linux]
                rules:
                  - name: camera
                    match: {sysname: "1-*"}
                    wait: [{count: "video4linux/video*", atLeast: 2}]
                    timeout: 10min
                    group: {members: "video4linux/video*"}
                  - name: node
                    on: [add]
                    match: {sysname: "video*"}
                    wait: [{exists: index}]
                    timeout: 10min
                    group: {leader: {{leader}}}
                """,
        });
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = new[] { "usb", "video4linux" } } });
        using var injector = new UeventInjector(_sandbox);
        var camera = _sysfs.AddDevice("/devices/pci/usb1/1-2/1-2:1.0", "usb");
        injector.Send("add", camera);
        var nodes = new[] { 0, 1 }.Select(number => _sysfs.AddDevice($"{camera.DevPath}/video4linux/video{number}", "video4linux")).ToList();
        // No device: power/ and the like stand beside real ones.
        camera.MakeDirectory("video4linux/videology");
        foreach (var node in nodes)
        {
            node.Link("device", camera.DevPath);
            injector.Send("add", node);
        }
        nodes[0].Write("index", "0");
        Eventually.Holds(() => daemon.Call("Status").GetProperty("waiting").GetInt64() == 3, Deadline.Default, "all three wait");
        nodes[1].Write("index", "1");
        var events = subscription.EventsUntil(one => one.Is("add", "video1"));
        Assert.Equal(["1-2:1.0", "video0", "video1"], events.Select(one => one.Device.SysName));
        Assert.All(events, one => Assert.Equal((3, events[0].Cursor), (one.Json.GetProperty("group").GetProperty("size").GetInt32(), one.Cursor)));
    }

    [Fact]
    public void Disabling_them_gives_each_one_its_remove_and_the_function_one_change_of_ours()
    {
        var functions = Enumerable.Range(1, 4).Select(i => Enable(null, i)).ToList();
        functions.ForEach(function => function.Write("config", ""));
        _function.Write("numvfs", "4\n");
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = s_subsystems } });
        using var injector = new UeventInjector(_sandbox);
        Assert.Equal(5, subscription.Picture.Count);
        foreach (var function in functions)
        {
            File.Delete($"{_function.Path}/virtfn{function.DevPath[^1]}");
            function.Remove();
            injector.Send("remove", function);
        }
        _function.Write("numvfs", "0\n");

        var events = subscription.EventsUntil(one => one.Is("change", "fn0")).ToList();
        Assert.Equal(["remove vf1", "remove vf2", "remove vf3", "remove vf4", "change fn0"], events.Select(one => $"{one.Action} {one.Device.SysName}"));
        Assert.True(events[^1].Synthetic);
    }

    [Fact]
    public void At_the_deadline_the_complete_members_are_announced_as_a_partial_group()
    {
        var rules = Rules.Replace("timeout: 10min\n    group: {members", $"timeout: {TestTime.Seconds(0.5).TotalMilliseconds}ms\n    group: {{members", StringComparison.Ordinal);
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = rules });
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = s_subsystems } });
        using var injector = new UeventInjector(_sandbox);
        var complete = Enable(injector, 1);
        var late = Enable(injector, 2);
        complete.Write("config", "");
        _function.Write("numvfs", "2\n");
        injector.Send("change", _function);

        var events = subscription.EventsUntil(one => one.Is("change", "fn0")).ToList();
        Assert.Equal(["add vf1", "change fn0"], events.Select(one => $"{one.Action} {one.Device.SysName}"));
        Assert.All(events, one => Assert.True(one.Json.GetProperty("group").GetProperty("partial").GetBoolean()));
        late.Write("config", "");
        var rest = subscription.NextEvent();
        Assert.Equal("add vf2", $"{rest.Action} {rest.Device.SysName}");
        Assert.False(rest.Json.TryGetProperty("group", out _));
    }

    private FakeDevice Enable(UeventInjector? injector, int number)
    {
        var function = _sysfs.AddDevice($"/devices/pci/vf{number}", "fn");
        function.Write("is_virtual", "");
        injector?.Send("add", function);
        // pci_iov_sysfs_link() comes after the add, and a change follows it.
        _function.Link($"virtfn{number}", function.DevPath);
        function.Link("physfn", _function.DevPath);
        injector?.Send("change", function);
        return function;
    }
}
