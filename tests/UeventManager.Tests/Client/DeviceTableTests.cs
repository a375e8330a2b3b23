using UeventManager.Client;
using UeventManager.Client.Testing;

namespace UeventManager.Tests.Client;

/// <summary>The live table of a program equals the true devices.</summary>
public sealed class DeviceTableTests
{
    private readonly CancellationToken _deadline = TestDeadline.Start();
    private readonly DeviceTable _table = new();
    private readonly List<string> _seen = [];

    public DeviceTableTests() => _table.Changed += (_, changed) =>
        _seen.AddRange(changed.Differences.Select(d => $"{d.Kind} {d.Device.DevPath}{(d.Kind == DifferenceKind.Moved ? " was " + d.Before!.DevPath : "")}"));

    [Fact]
    public void AStateAfterAGapSaysWhatDiffers()
    {
        UeventDevice kept = Device("/devices/kept", "net"), changed = Device("/devices/changed", "net");
        _table.Apply(new StateChange([kept, changed, Device("/devices/a", "pci"), Device("/devices/a/b", "net")]) { Cursor = "1" });
        Assert.True(_table.Ready.IsCompletedSuccessfully);
        _seen.Clear();
        UeventGap? gap = null;
        _table.Changed += (_, args) => gap = args.Gap;
        UeventDevice same = kept with { Properties = new Dictionary<string, string>(kept.Properties) };
        _table.Apply(new StateChange([same, changed with { Driver = "d" }, Device("/devices/new", "net")]) { Gap = new UeventGap { Reason = "restarted" } });
        Assert.Equal(["Removed /devices/a/b", "Removed /devices/a", "Changed /devices/changed", "Added /devices/new"], _seen);
        Assert.Equal("restarted", gap!.Reason);
        Assert.Equal(["/devices/changed", "/devices/kept", "/devices/new"], _table.Devices.Keys.Order());
        Assert.Equal("1", _table.Cursor);
    }

    [Fact]
    public void AMoveTakesWhatIsBelowWithIt()
    {
        UeventDevice tap = Device("/devices/virtual/net/mv0/macvtap/tap1", "macvtap") with { Parent = "/devices/virtual/net/mv0" };
        _table.Apply(new StateChange([Device("/devices/virtual/net/mv0", "net"), tap, Device("/devices/virtual/net/mv01", "net")]));
        _seen.Clear();
        _table.Apply(Events(Event("move", Device("/devices/virtual/net/lan", "net")) with { OldDevPath = "/devices/virtual/net/mv0" }));
        Assert.Equal(
            ["Moved /devices/virtual/net/lan was /devices/virtual/net/mv0", "Moved /devices/virtual/net/lan/macvtap/tap1 was " + tap.DevPath], _seen);
        Assert.Equal("/devices/virtual/net/lan", _table.Devices["/devices/virtual/net/lan/macvtap/tap1"].Parent);
        Assert.Equal(3, _table.Devices.Count);
    }

    [Fact]
    public void AMoveTakesTheBytesOfANameAlong()
    {
        static string Raw(params ReadOnlySpan<byte> path) => Convert.ToBase64String(path);
        UeventDevice top = Device(@"/devices/\xff", "net") with { RawDevPath = Raw([.. "/devices/"u8, 0xff]) };
        UeventDevice below = Device(@"/devices/\xff/b", "net") with { RawDevPath = Raw([.. "/devices/"u8, 0xff, .. "/b"u8]) };
        _table.Apply(new StateChange([top, below]));
        UeventDevice other = Device(@"/devices/\xfe", "net") with { RawDevPath = Raw([.. "/devices/"u8, 0xfe]) };
        _table.Apply(Events(Event("move", other) with { OldDevPath = top.DevPath, RawOldDevPath = top.RawDevPath }));
        Assert.Equal(Raw([.. "/devices/"u8, 0xfe, .. "/b"u8]), _table.Devices[@"/devices/\xfe/b"].RawDevPath);
        _table.Apply(Events(Event("move", Device("/devices/a", "net")) with { OldDevPath = other.DevPath, RawOldDevPath = other.RawDevPath }));
        Assert.Null(_table.Devices["/devices/a/b"].RawDevPath);
        _table.Apply(Events(Event("move", top) with { OldDevPath = "/devices/a" }));
        Assert.Equal(below.RawDevPath, _table.Devices[below.DevPath].RawDevPath);
    }

    [Fact]
    public void EventsComeInOrderAndOthersThanDevicesDoNotCount()
    {
        UeventDevice a = Device("/devices/a", "net");
        _table.Apply(Events(
            Event("add", a), Event("bind", a), Event("add", Device("/devices/a/queues/rx-0", "queues") with { IsKobject = true }), Event("remove", a), Event("remove", a)));
        Assert.Equal(["Added /devices/a", "Changed /devices/a", "Removed /devices/a"], _seen);
        Assert.Empty(_table.Devices);
    }

    [Fact]
    public void TheTableKnowsWhatIsAboveAndBelowADevice()
    {
        UeventDevice port = Device("/devices/pci0/a", "pci"), net = Device("/devices/pci0/a/net/eth0", "net");
        UeventDevice tap = Device("/devices/pci0/a/net/eth0/macvtap/tap3", "macvtap"), other = Device("/devices/pci0/a-b/net/eth1", "net");
        _table.Apply(new StateChange([tap, other, net, port]));
        Assert.Equal(net, _table.ParentOf(tap));
        Assert.Equal(port, _table.ParentOf(net));
        Assert.Null(_table.ParentOf(port));
        Assert.Null(_table.ParentOf(other));
        Assert.Equal([net], _table.ChildrenOf(port));
        Assert.Equal([tap], _table.ChildrenOf(net));
        Assert.Empty(_table.ChildrenOf(tap));
        Assert.Equal([port, other], _table.ChildrenOf(Device("/devices/pci0", "pci") with { DevPath = "/devices/pci0" }));
    }

    [Fact]
    public async Task AWaitIsOverOnceADeviceIsAsItIsWanted()
    {
        Task<UeventDevice> wait = _table.WaitForAsync(one => one.Driver == "vfio-pci", _deadline);
        _table.Apply(new StateChange([Device("/devices/a", "pci")]));
        Assert.False(wait.IsCompleted);
        _table.Apply(Events(Event("bind", Device("/devices/a", "pci") with { Driver = "vfio-pci" })));
        Assert.Equal("/devices/a", (await wait).DevPath);
        Assert.Equal("/devices/a", (await _table.WaitForAsync(one => one.SysName == "a", _deadline)).DevPath);
        // A mistake of the waiter's is the waiter's.
        Task<UeventDevice> wrong = _table.WaitForAsync(one => one.SysName == "b" && one.Properties["NOTHING"].Length > 0, _deadline);
        _table.Apply(Events(Event("add", Device("/devices/b", "pci"))));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => wrong);
    }

    [Fact]
    public async Task AWaitThatIsGivenUpLeavesNothingBehind()
    {
        using var given = new CancellationTokenSource();
        int asked = 0;
        Task<UeventDevice> wait = _table.WaitForAsync(_ => asked++ < 0, given.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        _table.Apply(Events(Event("add", Device("/devices/a", "net"))));
        Assert.Equal(0, asked);
    }

    [Fact]
    public void AReaderSeesAGroupWholeOrNotAtAll()
    {
        IReadOnlyDictionary<string, UeventDevice> before = _table.Devices;
        bool whole = false;
        _table.Changed += (_, _) => whole = _table.Devices.Count == 3;
        _table.Apply(Events(Event("add", Device("/devices/a", "pci")), Event("add", Device("/devices/b", "pci")), Event("add", Device("/devices/c", "pci"))));
        Assert.True(whole);
        Assert.Empty(before);
    }

    [Fact]
    public async Task ARunningTableFollowsTheDaemonOverLostConnections()
    {
        var daemon = new InMemoryDaemon();
        var options = new SubscribeOptions { FirstDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) };
        daemon.Add(Device("/devices/a", "net"), Device("/devices/other", "block"));
        await using UeventClient client = daemon.CreateClient();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_deadline);
        Task running = _table.RunAsync(client, new DeviceFilter { Subsystems = ["net"] }, options, stopping.Token);
        await _table.Ready.WaitAsync(_deadline);
        Assert.Equal(["/devices/a"], _table.Devices.Keys);
        daemon.Add(Device("/devices/b", "net"));
        await Until("/devices/b");
        daemon.Stop();
        daemon.Add(Device("/devices/c", "net"));
        daemon.Remove("/devices/a");
        daemon.Start();
        await Until("/devices/c", "/devices/b");
        daemon.Stop();
        daemon.Remove("/devices/b");
        daemon.Start(forgetCursors: true);
        await Until("/devices/c");
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(["Added /devices/a", "Added /devices/b", "Added /devices/c", "Removed /devices/a", "Removed /devices/b"], _seen);

        async Task Until(params string[] paths)
        {
            bool So() => paths.All(_table.Devices.ContainsKey) && _table.Devices.Count == Math.Max(paths.Length, _table.Devices.ContainsKey("/devices/a") ? 2 : 0);
            var changed = new SemaphoreSlim(0);
            _table.Changed += (_, _) => changed.Release();
            while (!So())
                await changed.WaitAsync(_deadline);
        }
    }

    [Fact]
    public async Task ATableWithoutStateOrOfSomeActionsIsRefused()
    {
        await using UeventClient client = new InMemoryDaemon().CreateClient();
        await Assert.ThrowsAsync<ArgumentException>(() => _table.RunAsync(client, options: new SubscribeOptions { Stateless = true }, cancellationToken: _deadline));
        await Assert.ThrowsAsync<ArgumentException>(() => _table.RunAsync(client, new DeviceFilter { Actions = ["add"] }, cancellationToken: _deadline));
    }

    private static UeventDevice Device(string devpath, string subsystem) => InMemoryDaemon.Device(devpath, subsystem);

    private static UeventEvent Event(string action, UeventDevice device) =>
        new() { Cursor = "x", Action = action, Device = device, Synthetic = false, ArrivedUsec = 1, SettledUsec = 2 };

    private static EventsChange Events(params UeventEvent[] events) => new(events);
}
