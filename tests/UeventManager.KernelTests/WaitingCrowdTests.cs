using System.Diagnostics;
using UeventManager.KernelTests.Harness;
using UeventManager.KernelTests.Scenarios;
using UeventManager.Sysfs;

namespace UeventManager.KernelTests;

/// <summary>Very many devices may wait at once: each costs bounded memory, and none an open file beyond the limit.</summary>
public sealed class WaitingCrowdTests : IDisposable
{
    private const string Rules = """
        version: 1
        subsystem: crowd
        rules:
          - {name: ready, wait: [{exists: ready}], timeout: 10min}
        """;

    // Measured: about 2,000 of 4,500 devices, and 1,600 of 100,000. Twice of it would be a second buffer for each, or a handle that is never closed.
    private const long MostBytesEach = 4 * 1024;

    // More than there may be handles.
    private static readonly int s_devices = Soak.Seconds is null ? 4_500 : 100_000;
    private readonly Stage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void Many_devices_wait_at_once_within_bounds_of_memory_and_handles_and_then_all_settle()
    {
        Directory.CreateDirectory(_stage.Sysfs.Root + "/class/crowd");
        using var subscriber = _stage.Begin(Rules, "crowd");
        var pid = _stage.Daemon.Pid;
        var idle = ProcessResources.Of(pid);
        var clock = Stopwatch.StartNew();
        var devices = Enumerable.Range(0, s_devices).Select(i => $"/devices/virtual/crowd/{i / 1000}/c{i}").ToList();
        foreach (var (number, device) in devices.Index())
        {
            Make(device);
            _stage.Kernel.Send("add", device, "crowd");
            // The kernel's queue is bounded.
            if (number % 500 == 499)
                Assert.Empty(_stage.UpToNow(subscriber));
        }

        var waitedSeconds = clock.Elapsed.TotalSeconds;
        Assert.Equal(s_devices, _stage.Daemon.Call("Status").GetProperty("waiting").GetInt32());
        var full = ProcessResources.Of(pid);
        var bytesEach = (full.AnonymousKib - idle.AnonymousKib) * 1024 / s_devices;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_devices} devices wait: {bytesEach} bytes each ({idle.AnonymousKib} KiB before, {full.AnonymousKib} KiB then), {full.Descriptors} descriptors; all wait after {waitedSeconds:0.0} s");
        // And the connection that asks.
        Assert.InRange(full.Descriptors - idle.Descriptors, 0, DirectoryCache.MaxHandles + 1);
        Assert.InRange(bytesEach, 0, MostBytesEach);

        Assert.True(full.Descriptors - idle.Descriptors > DirectoryCache.MaxHandles / 2, "no handles are kept");

        clock.Restart();
        Complete(devices, subscriber);
        TestContext.Current.TestOutputHelper?.WriteLine($"all settled after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(0, _stage.Daemon.Call("Status").GetProperty("waiting").GetInt32());
        Eventually.Holds(() => ProcessResources.Of(pid).Descriptors <= idle.Descriptors + 2, Deadline.Default, "the handles are closed");
        Assert.Equal(0, _stage.Daemon.Counters()["lost"]);
    }

    private void Make(string device)
    {
        var path = _stage.Sysfs.Root + device;
        Directory.CreateDirectory(path);
        File.WriteAllText(path + "/uevent", "");
        File.CreateSymbolicLink(path + "/subsystem", "../../../../../class/crowd");
    }

    private void Complete(List<string> devices, Subscription subscriber)
    {
        devices.ForEach(device => File.WriteAllText($"{_stage.Sysfs.Root}{device}/ready", ""));
        // Whoever reads slower than they settle gets a gap and the state; nobody is lost in either way.
        var all = subscriber.Picture.Count + devices.Count;
        subscriber.WaitUntil(() => subscriber.Ready && subscriber.Picture.Count == all, Deadline.Seconds(60 + (devices.Count / 200)), "all of them");
        Assert.All(devices, device => Assert.True(subscriber.Picture[device].Settled));
        if (subscriber.Gaps.Count == 0)
            Assert.Equal(devices.Order(StringComparer.Ordinal), _stage.UpToNow(subscriber).Select(add => add.Device.DevPath).Order(StringComparer.Ordinal));
    }
}
