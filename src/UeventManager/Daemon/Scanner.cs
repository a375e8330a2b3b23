using System.Collections.Concurrent;
using System.Text;
using UeventManager.Sysfs;

namespace UeventManager.Daemon;

/// <summary>
/// Reads the whole tree on a thread of its own, because a <c>uevent</c> file may block, and hands what it finds to the
/// engine's thread. A new scan ends the one before.
/// </summary>
internal sealed class Scanner(SysfsTree tree, DaemonLog log, Action wake) : IDisposable
{
    private readonly ConcurrentQueue<Batch> _batches = new();
    private CancellationTokenSource _cancel = new();

    /// <summary>Begins a scan.</summary>
    public void Begin(long scan)
    {
        _cancel.Cancel();
        _cancel = new CancellationTokenSource();
        var cancel = _cancel.Token;
        new Thread(() => Run(scan, cancel)) { IsBackground = true, Name = "sysfs-scan" }.Start();
    }

    /// <summary>Steps what was found since the last call.</summary>
    public void Take(Pipeline pipeline)
    {
        while (_batches.TryDequeue(out var batch))
        {
            if (batch.Found is { } found)
                pipeline.Engine.Scanned(batch.Scan, found, Monotonic.NowUsec);
            else
                pipeline.Engine.ScanEnded(batch.Scan, Monotonic.NowUsec);
            pipeline.Run();
        }
    }

    public void Dispose() => _cancel.Cancel();

    private void Run(long scan, CancellationToken cancel)
    {
        try
        {
            var subsystems = new SubsystemDirectory(tree);
            SysfsScan.Run(tree, found => Put(new Batch(scan, [.. found.Select(one => Convert(one, subsystems))])), cancel);
            Put(new Batch(scan, null));
        }
        catch (OperationCanceledException)
        {
            // A later scan has begun, or the daemon stops.
        }
        catch (SystemCallException e)
        {
            // Without the tree nothing can be compared; what is known stays, and events go on.
            log.ScanFailed(tree.Path, e.Message);
            Put(new Batch(scan, null));
        }
    }

    private void Put(Batch batch)
    {
        _batches.Enqueue(batch);
        wake();
    }

    private static Core.Engine.ScannedDevice Convert(Sysfs.ScannedDevice found, SubsystemDirectory subsystems)
    {
        subsystems.IsDeviceSubsystem(Encoding.UTF8.GetBytes(found.Subsystem), out var isBus);
        return new(Encoding.UTF8.GetBytes(found.DevPath), found.Subsystem, found.Instance, found.Uevent, isBus);
    }

    private sealed record Batch(long Scan, Core.Engine.ScannedDevice[]? Found);
}
