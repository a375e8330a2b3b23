using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>
/// The fourth thread's story: libxl gives three functions to a guest, a transaction of XenStore for each, and xen-pciback takes what is
/// there at the first. Its <c>num_devs</c> cannot tell: it agrees after every step, and after a detach it never agrees again.
/// </summary>
public sealed class XenPcibackTests : IDisposable
{
    private const string Backend = "pci-1-0";
    private readonly Stage _stage = new("xen-backend", "pci");
    private readonly FakeDevice _backend;

    public XenPcibackTests()
    {
        Directory.CreateDirectory(_stage.Sysfs.Root + "/bus/xen-backend/drivers/pciback");
        Directory.CreateDirectory(_stage.Sysfs.Root + "/bus/pci/drivers/pciback");
        _backend = _stage.Sysfs.AddDevice($"/devices/{Backend}", "xen-backend");
    }

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void Three_functions_that_libxl_writes_one_by_one_are_announced_once_and_together_with_their_backend()
    {
        using var subscriber = _stage.Begin(Stage.Shipped("examples/xen-pciback.yaml"), "xen-backend", "pci");
        BeginBackend();
        for (var number = 0; number < 3; number++)
        {
            Give(number);
            // After each step num_devs agrees with what is there; who goes by it takes the first alone.
            Assert.Equal($"{number + 1}\n", File.ReadAllText(_backend.Path + "/num_devs"));
        }

        var events = Transaction(subscriber, Backend);
        Assert.Equal(["0000:08:10.0", "0000:08:10.1", "0000:08:10.2", Backend], SysNames(events));
        Assert.Equal("3", events.Single(one => one.Device.SysName == Backend).Device.Attribute("num_devs"));
        Assert.Empty(_stage.UpToNow(subscriber));
    }

    [Fact]
    public void After_a_detach_num_devs_exceeds_the_count_and_new_functions_still_come_together()
    {
        BeginBackend();
        var functions = Enumerable.Range(0, 3).Select(Give).ToList();
        using var subscriber = _stage.Begin(Stage.Shipped("examples/xen-pciback.yaml"), "xen-backend", "pci");
        Assert.Equal(4, subscriber.Picture.Count);

        File.Delete(_backend.Path + "/dev-1");
        _stage.Kernel.Send("remove", functions[1]);
        functions[1].Remove();
        Assert.Contains("remove 0000:08:10.1", Stage.Names(_stage.UpToNow(subscriber)));
        Give(3);
        Give(4);
        Assert.Equal(("5\n", 4), (File.ReadAllText(_backend.Path + "/num_devs"), Directory.GetFileSystemEntries(_backend.Path, "dev-*").Length));
        _stage.Kernel.Send("change", _backend);

        var events = Transaction(subscriber, "0000:08:10.4");
        Assert.Equal(["0000:08:10.3", "0000:08:10.4", Backend], SysNames(events));
        var backend = events.Single(one => one.Device.SysName == Backend);
        Assert.Equal(("change", "5"), (backend.Action, backend.Device.Attribute("num_devs")));
        _stage.EndsEqual(subscriber);
    }

    [Fact]
    public void A_daemon_that_starts_when_the_guest_runs_finds_the_backend_and_its_functions_in_the_state()
    {
        BeginBackend();
        for (var number = 0; number < 3; number++)
            Give(number);
        using var subscriber = _stage.Begin(Stage.Shipped("examples/xen-pciback.yaml"), "xen-backend", "pci");
        Assert.All(subscriber.Picture.Values, device => Assert.True(device.Settled, device.ToString()));
        Assert.Equal(4, subscriber.Picture.Count);
    }

    private void BeginBackend()
    {
        _backend.Link("driver", "/bus/xen-backend/drivers/pciback");
        _stage.Kernel.Send("add", _backend);
    }

    /// <summary>libxl__device_pci_add_xenstore(), as a driver would show it: the next number goes up with every function.</summary>
    private FakeDevice Give(int number)
    {
        var function = _stage.Sysfs.AddDevice($"/devices/pci0000:00/0000:08:10.{number}", "pci");
        function.Link("backend", _backend.DevPath);
        _stage.Kernel.Send("add", function);
        _backend.Link($"dev-{number}", function.DevPath);
        _backend.Write("num_devs", $"{number + 1}\n");
        function.Write("config", "");
        function.Link("driver", "/bus/pci/drivers/pciback");
        return function;
    }

    /// <summary>The events up to <paramref name="some"/>'s and the rest of its transaction, which all of them must be of.</summary>
    private List<EventView> Transaction(Subscription subscriber, string some)
    {
        var first = subscriber.NextEvent();
        var size = first.Json.GetProperty("group").GetProperty("size").GetInt32();
        List<EventView> events = [first, .. Enumerable.Range(1, size - 1).Select(_ => subscriber.NextEvent())];
        Assert.Contains(events, one => one.Device.SysName == some);
        Assert.All(events, one =>
        {
            Assert.Equal(first.Cursor, one.Cursor);
            Assert.Equal(first.Json.GetProperty("group").GetRawText(), one.Json.GetProperty("group").GetRawText());
            Assert.False(one.Json.GetProperty("group").GetProperty("partial").GetBoolean());
            Assert.True(one.Device.Settled, one.ToString());
        });
        return events;
    }

    private static IEnumerable<string> SysNames(IEnumerable<EventView> events) => events.Select(one => one.Device.SysName).Order(StringComparer.Ordinal);
}
