using System.Collections.Concurrent;
using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Reads the whole tree on a thread of its own, because a <c>uevent</c> file may block, and passes the devices to the engine's thread. A new scan
/// ends the previous one.
/// </summary>
/// <param name="tree">The tree.</param>
/// <param name="subsystems">Learns on the engine's thread which subsystems have devices.</param>
/// <param name="log">The log.</param>
/// <param name="wake">Wakes the engine's thread.</param>
internal sealed class Scanner(SysfsTree tree, SubsystemDirectory subsystems, DaemonLog log, Action wake) : IDisposable
{
    private readonly ConcurrentQueue<Batch> _batches = new();
    private CancellationTokenSource _cancel = new();
    private bool _isBlind;

    /// <summary>Begins a scan.</summary>
    public void Begin(long scan)
    {
        _cancel.Cancel();
        _cancel = new CancellationTokenSource();
        var cancel = _cancel.Token;
        new Thread(() => Run(scan, cancel)) { IsBackground = true, Name = "sysfs-scan" }.Start();
    }

    /// <summary>Steps the devices found since the last call.</summary>
    public void Take(Pipeline pipeline)
    {
        while (_batches.TryDequeue(out var batch))
        {
            if (batch.Found is { } found)
                pipeline.Engine.Scanned(batch.Scan, [.. found.Select(Convert)], Monotonic.NowUsec);
            else
                End(pipeline, batch);
            pipeline.Run();
        }
    }

    public void Dispose() => _cancel.Cancel();

    // An incomplete scan is repeated, so it is logged once.
    private void End(Pipeline pipeline, Batch batch)
    {
        var isBlind = batch.Holes.Count > 0;
        if (isBlind && !_isBlind)
            log.ScanIncomplete(batch.Holes.Count, batch.Holes.First!, ErrnoName.Of(batch.Holes.Errno));
        _isBlind = isBlind;
        pipeline.Engine.ScanEnded(batch.Scan, Monotonic.NowUsec, !isBlind);
    }

    private void Run(long scan, CancellationToken cancel)
    {
        try
        {
            var holes = SysfsScan.Run(tree, found => Put(new Batch(scan, found, default)), cancel);
            Put(new Batch(scan, null, holes));
        }
        catch (OperationCanceledException)
        {
            // A later scan has begun, or the daemon is stopping.
        }
        catch (SystemCallException e)
        {
            // Without the tree nothing can be compared: the known state stays, and events go on.
            Put(new Batch(scan, null, new ScanHoles(1, tree.Path, e.Errno)));
        }
    }

    private void Put(Batch batch)
    {
        _batches.Enqueue(batch);
        wake();
    }

    private Core.Reconcile.ScannedDevice Convert(ScannedDevice found)
    {
        var name = Encoding.UTF8.GetBytes(found.Subsystem);
        var kind = subsystems.Of(name);
        if (kind is SubsystemKind.None or SubsystemKind.Unknown)
            subsystems.Remember(name, isBus: false);
        return new(found.Path, found.Subsystem, found.Instance, found.Uevent, kind == SubsystemKind.Bus);
    }

    private sealed record Batch(long Scan, IReadOnlyList<ScannedDevice>? Found, ScanHoles Holes);
}
