using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>
/// The fifth thread's deadlock: the device lock is held until a consumer releases the device, a read of sriov_numvfs waits for that lock,
/// and the thread that must release the device is the one that reads. Here the daemon reads, and the consumer never waits for it.
/// </summary>
public sealed class BlockedSriovReadTests : IDisposable
{
    private readonly Stage _stage = new("pci");
    private readonly SriovFunction _function;

    public BlockedSriovReadTests()
    {
        _function = new SriovFunction(_stage);
        _function.EnableAndAnnounce(2);
        _function.Number(2);
    }

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void A_consumer_that_must_release_the_device_gets_all_it_needs_while_the_number_cannot_be_read()
    {
        using var consumer = _stage.Begin(Stage.Shipped("45-sriov.yaml"), "pci");
        using var locked = LockAndAnnounce();

        // All of it by one thread, while the lock is held: what it knows, what it asks, and what else happens.
        Assert.Equal("2", consumer.Picture[_function.Device.DevPath].Attribute("sriov_numvfs"));
        var asked = new DeviceView(_stage.Daemon.Call("Get", new { device = _function.Device.DevPath }).GetProperty("device"));
        Assert.Equal("2", asked.Attribute("sriov_numvfs"));
        Assert.Equal(3, _stage.Daemon.List(new { filter = new { subsystems = s_pci } }).Count);
        var virtuals = _function.Virtual.Select(function => function.DevPath).ToList();
        _function.Disable();
        Assert.Equal(virtuals, _stage.UpToNow(consumer).Select(one => one.Action == "remove" ? one.Device.DevPath : one.ToString()));
        Assert.True(locked.IsBeingRead);

        // So it comes to the point where it releases the device, the lock is free, and the read returns.
        locked.Answer("0\n");
        var change = consumer.NextEvent();
        Assert.True(change.Is("change", SriovFunction.Address), change.ToString());
        Assert.Equal("0", change.Device.Attribute("sriov_numvfs"));
        _stage.EndsEqual(consumer);
    }

    [Fact]
    public void The_removal_that_the_consumer_waits_for_before_it_releases_the_device_comes_while_the_read_hangs()
    {
        using var consumer = _stage.Begin(Stage.Shipped("45-sriov.yaml"), "pci");
        using var locked = LockAndAnnounce();
        var virtuals = _function.Virtual.Select(function => function.DevPath).ToList();
        _stage.Kernel.Send("remove", _function.Device);

        var remove = consumer.NextEvent();
        Assert.True(remove.Is("remove", SriovFunction.Address), remove.ToString());
        Assert.True(locked.IsBeingRead);
        // Only now the consumer releases it; the virtual functions, no children of it, are told to go by the kernel.
        _function.Disable();
        _function.Device.Remove();
        Assert.Equal(virtuals.Select(path => path[(path.LastIndexOf('/') + 1)..]), consumer.EventsUntil(one => one.Device.DevPath == virtuals[^1]).Select(one => one.Device.SysName));
        Assert.True(locked.IsBeingRead);
        _stage.EndsEqual(consumer);
    }

    private static readonly string[] s_pci = ["pci"];

    /// <summary>vfio holds the lock (vfio_unregister_group_dev() under device_lock()); a CHANGE makes the daemon read.</summary>
    private FifoFile LockAndAnnounce()
    {
        var locked = new FifoFile(_function.Device, "sriov_numvfs", () => _stage.Daemon.Pid);
        _stage.Kernel.Send("change", _function.Device);
        Eventually.Holds(() => locked.IsBeingRead, Deadline.Default, "the daemon reads the number");
        return locked;
    }
}
