using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>What one write to <c>remove</c> came to.</summary>
internal enum RemoveResult
{
    /// <summary>There is no device.</summary>
    Absent,

    /// <summary>EAGAIN: mdev_device_remove() refuses a device that is not active yet.</summary>
    TooEarly,

    Removed,
}

/// <summary>
/// The kernel's side of <c>create</c> and <c>remove</c> of one mediated device, as mdev_device_create() and mdev_device_remove() do it:
/// each step is atomic, and between two of them the other script may come. Every instance has a number, in its ADD and in its directory.
/// </summary>
internal sealed class RacedDevice(Stage stage, string devpath)
{
    private readonly TurnLock _kernel = new();
    private readonly List<long> _completedUsec = [];
    private FakeDevice? _device;
    private bool _active;

    /// <summary>Creates that have begun, which is the number of the newest instance.</summary>
    public int Created { get; private set; }

    public int Removed { get; private set; }

    public int TooEarly { get; private set; }

    /// <summary>Removed before it was whole, by whoever takes the parent away (device_for_each_child() in mdev_unregister_parent()).</summary>
    public int RemovedHalf { get; private set; }

    /// <summary>When an instance became whole, CLOCK_MONOTONIC microseconds; <see cref="long.MaxValue"/> if it never was.</summary>
    public long CompletedUsec(int instance)
    {
        using (_kernel.Take())
            return _completedUsec[instance - 1];
    }

    /// <summary>A write to <c>create</c>; it returns as mdev_device_create() does, with everything made, unless the device is taken away.</summary>
    public void Create()
    {
        int instance;
        using (_kernel.Take())
        {
            if (_device is not null)
                return;
            instance = ++Created;
            _completedUsec.Add(long.MaxValue);
            _device = stage.Sysfs.AddDevice(devpath, "mdev");
            _device.Write("instance", $"{instance}\n");
            stage.Kernel.Send("add", _device, $"INSTANCE={instance}");
        }

        Step(instance, device => device.Link("driver", "/bus/mdev/drivers/vfio_mdev"));
        Step(instance, device => stage.Kernel.Send("bind", device, $"INSTANCE={instance}"));
        Step(instance, device =>
        {
            // Before the link is there: what settles earlier than this is surely early.
            _completedUsec[instance - 1] = MonotonicClock.Usec;
            device.Link("mdev_type", "/types/mtty-1");
            _active = true;
        });
    }

    /// <summary>A write to <c>remove</c>. With <paramref name="force"/> nobody asks whether the device is active.</summary>
    public RemoveResult Remove(bool force)
    {
        using (_kernel.Take())
        {
            if (_device is not { } device)
                return RemoveResult.Absent;
            if (!_active && !force)
            {
                TooEarly++;
                return RemoveResult.TooEarly;
            }

            RemovedHalf += _active ? 0 : 1;
            stage.Kernel.Send("remove", device, $"INSTANCE={Created}");
            device.Remove();
            (_device, _active) = (null, false);
            Removed++;
            return RemoveResult.Removed;
        }
    }

    private void Step(int instance, Action<FakeDevice> step)
    {
        using (_kernel.Take())
        {
            if (_device is { } device && Created == instance)
                step(device);
        }
    }
}
