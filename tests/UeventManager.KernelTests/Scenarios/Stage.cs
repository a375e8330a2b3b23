using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>What every story needs: a sandbox whose kernel carries the uevents, a tree that the story fills, and the published daemon.</summary>
internal sealed class Stage : IDisposable
{
    private const string FenceSubsystem = "fence";
    private readonly Sandbox _sandbox = Sandbox.Create();
    private DaemonProcess? _daemon;
    private int _fences;

    public Stage(params ReadOnlySpan<string> buses)
    {
        foreach (var bus in buses)
            Sysfs.AddBus(bus);
        Directory.CreateDirectory($"{Sysfs.Root}/class/{FenceSubsystem}");
        Kernel = new UeventInjector(_sandbox);
    }

    public Sandbox Sandbox => _sandbox;

    public FakeSysfs Sysfs { get; } = new();

    public UeventInjector Kernel { get; }

    public DaemonProcess Daemon => _daemon ?? throw new InvalidOperationException("the daemon is not started");

    /// <summary>The text of a rule file that ships, such as <c>40-mdev.yaml</c>.</summary>
    public static string Shipped(string name) => File.ReadAllText(Path.Combine(Repository.Root, "rules", name));

    /// <summary>Starts the daemon and returns a subscriber of some subsystems that has the state.</summary>
    public Subscription Begin(string rules, params string[] subsystems)
    {
        _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = Sysfs.Root, Rules = rules });
        // Events of block devices and others reach every network namespace, and other tests make some.
        string[] wanted = [.. subsystems, FenceSubsystem];
        return _daemon.Subscribe(new { filter = new { subsystems = wanted } });
    }

    /// <summary>Announces a device without rules, and takes what the subscriber got up to it: all that was due before.</summary>
    public IReadOnlyList<EventView> UpToNow(Subscription subscription)
    {
        var fence = Sysfs.AddDevice($"/devices/virtual/fence/f{_fences++}", FenceSubsystem);
        Kernel.Send("add", fence);
        return [.. subscription.EventsUntil(one => one.IsAt("add", fence.DevPath)).SkipLast(1)];
    }

    /// <summary>Short names of events, such as <c>add 0000:00:02.0</c>.</summary>
    public static IEnumerable<string> Names(IEnumerable<EventView> events) => events.Select(one => $"{one.Action} {one.Device.SysName}");

    /// <summary>Waits until daemon and subscriber know exactly what the tree has.</summary>
    public void EndsEqual(Subscription subscription)
    {
        Eventually.SameSet(Sysfs.DevPaths, () => Daemon.List().Select(device => device.DevPath), Deadline.Default, "the daemon knows the tree");
        UpToNow(subscription);
        Assert.Equal(Sysfs.DevPaths().Order(StringComparer.Ordinal), subscription.Picture.Keys.Order(StringComparer.Ordinal));
    }

    public void Dispose()
    {
        _daemon?.Dispose();
        Kernel.Dispose();
        Sysfs.Dispose();
        _sandbox.Dispose();
    }
}
