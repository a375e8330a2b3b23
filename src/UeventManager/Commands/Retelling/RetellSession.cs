using System.Diagnostics;
using UeventManager.Client;
using UeventManager.Daemon.Edge;

namespace UeventManager.Commands.Retelling;

/// <summary>Compares the daemon's events with udevd's and makes udevd announce devices again; counts them by reason.</summary>
internal sealed class RetellSession : IDisposable
{
    // A restarting daemon is back by then; until then shut gates stay shut.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // The interval at which early devices take their turn.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    // The interval of checks whether udevd was killed, while one of its broadcasts is open.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly RetellOptions _options;
    private readonly RetellPlan _plan = new();
    private readonly RetellWriter _writer;
    private readonly GateKeeper _gates;
    private readonly BlockedWorkers _workers;
    private readonly UdevRuleFile _rules;
    private readonly SeqnumFile _newest;
    private readonly Lock _gate = new();
    private readonly Dictionary<RetellReason, long> _told = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly Queue<Retelling> _early = new();
    private bool _asksDatabase;
    private Stopwatch? _looked;
    private volatile bool _isConnected;

    /// <summary>Prepares a session; no gate is shut before <see cref="RunAsync"/> is connected to a daemon.</summary>
    public RetellSession(RetellOptions options)
    {
        _options = options;
        _writer = new RetellWriter(options.Sysfs, options.Say);
        _gates = new GateKeeper(options.Gate, options.RunUdev, options.Sysfs);
        _workers = new BlockedWorkers(options.WorkerSocket, BlockedWorkers.Most(Environment.ProcessorCount, MachineMemory.Bytes()), _gate, _plan.IsSettled);
        _rules = new UdevRuleFile(options);
        _newest = new SeqnumFile(options.Sysfs);
        _plan.Announced = _workers.Tell;
    }

    /// <summary>A summary for people.</summary>
    public string Summary()
    {
        lock (_gate)
        {
            return $"announced again: {_told.GetValueOrDefault(RetellReason.Early)} that udevd had announced too early, {_told.GetValueOrDefault(RetellReason.Shut)} whose gate was shut; "
                + $"workers held: {_workers.Held}, let through: {_workers.GaveUp}";
        }
    }

    /// <summary>Runs until cancelled; afterwards no gate is shut any more.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="ready">Called once the daemon's devices are known and gates may be shut.</param>
    /// <param name="cancel">Ends the session, with <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(UeventClient client, Action ready, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var failed = new TaskCompletionSource();
        if (_options.LoadRules is null)
            _rules.Remove();
        using var listener = new UdevListener(Hear, Rescan, error => failed.TrySetException(error));
        using var watched = new WatchedRules(_options.RuleDirectories, _rules.Install);
        Task[] tasks = [SubscribeAsync(client, ready, ending.Token), _workers.ServeAsync(ending.Token), WriteAsync(ending.Token)];
        try
        {
            await (await Task.WhenAny([.. tasks, failed.Task]).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    /// <summary>The udev rules that shut gates.</summary>
    public UdevRuleFile Rules => _rules;

    /// <summary>Opens every shut gate and lets none be shut from now on.</summary>
    /// <returns>The number of gates opened.</returns>
    public int Close()
    {
        _workers.Open(false);
        _gates.End();
        return OpenAll();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        _gates.Dispose();
        _work.Dispose();
    }

    private async Task SubscribeAsync(UeventClient client, Action ready, CancellationToken cancel)
    {
        var subscription = new SubscribeOptions
        {
            WaitForDaemon = true,
            Reconnecting = lost =>
            {
                if (lost.Attempt == 1)
                    Lose(lost.Reason.Message, cancel);
            },
        };
        bool isReady = false;
        await foreach (Change change in client.SubscribeAsync(null, subscription, cancel).ConfigureAwait(false))
        {
            lock (_gate)
                Take(change);
            _work.Release();
            if (isReady)
                continue;
            isReady = true;
            _rules.Install();
            ready();
        }
    }

    private void Take(Change change)
    {
        if (!_isConnected)
        {
            _isConnected = _asksDatabase = true;
            _gates.Begin();
            _workers.Open(true);
        }
        if (change is StateChange state)
        {
            _plan.Take(state, _newest.Read());
            _asksDatabase = true;
        }
        else if (change is EventsChange { Events: var events })
        {
            foreach (UeventEvent one in events)
                _plan.Take(one);
        }
    }

    // Without a daemon nobody would open further gates. Gates that are already shut may wait for a daemon that is about to return.
    private void Lose(string why, CancellationToken cancel)
    {
        lock (_gate)
        {
            _isConnected = false;
            _gates.End();
        }
        _workers.Open(false);
        _options.Say($"the connection to the daemon was lost ({why}): no gate is shut until it is back");
        _ = Task.Delay(Grace, cancel).ContinueWith(
            _ =>
            {
                if (!_isConnected)
                    OpenAll();
            },
            cancel, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private void Hear(UdevBroadcast one)
    {
        lock (_gate)
            _plan.Take(one);
        _work.Release();
    }

    private void Rescan()
    {
        lock (_gate)
            _asksDatabase = true;
        _work.Release();
    }

    private int OpenAll()
    {
        int opened = _gates.OpenAll(_writer);
        lock (_gate)
            Count(RetellReason.Shut, opened);
        return opened;
    }

    // Gates are opened at once. Early devices take turns, so that many late devices do not cause a storm in udevd.
    private async Task WriteAsync(CancellationToken cancel)
    {
        var second = Stopwatch.StartNew();
        int written = 0;
        while (true)
        {
            await _work.WaitAsync(_early.Count > 0 ? Step : _looked is null ? Timeout.InfiniteTimeSpan : Look, cancel).ConfigureAwait(false);
            while (await _work.WaitAsync(0, cancel).ConfigureAwait(false))
            {
                // One turn serves all requests so far.
            }
            AskDatabase();
            AskOverdue();
            TakeWanted();
            if (second.ElapsedMilliseconds >= 1000)
            {
                second.Restart();
                written = 0;
            }
            while (written < _options.MostPerSecond && _early.TryDequeue(out Retelling? one))
                written += Tell(one) ? 1 : 0;
        }
    }

    private void TakeWanted()
    {
        List<Retelling> shut = [];
        lock (_gate)
        {
            while (_plan.TryTake(out Retelling one))
            {
                if (one.Reason == RetellReason.Shut)
                    shut.Add(one);
                else
                    _early.Enqueue(one);
            }
        }
        shut.ForEach(one => Tell(one));
    }

    // A device whose gate was opened meanwhile has been announced again already.
    private bool Tell(Retelling one)
    {
        string devpath;
        lock (_gate)
        {
            if (!one.Device.IsWanted || one.Device.IsGone)
                return false;
            one.Device.IsWanted = false;
            devpath = one.Device.DevPath;
        }
        bool isWritten = _writer.Write(devpath, one.Device.Subsystem);
        lock (_gate)
        {
            one.Device.RetoldUsec = Daemon.Monotonic.NowUsec;
            one.Device.IsOpening &= isWritten;
            Count(one.Reason, isWritten ? 1 : 0);
        }
        return isWritten;
    }

    // Finds shut gates of devices that were announced before this process listened, or whose broadcasts were lost.
    private void AskDatabase()
    {
        lock (_gate)
        {
            if (!_isConnected || !(_asksDatabase || _plan.HasForgotten))
                return;
            (_asksDatabase, _plan.HasForgotten) = (false, false);
        }
        // This directory has as many files as there are devices, so it is read without the lock.
        var shut = _gates.ShutEntries().ToHashSet(StringComparer.Ordinal);
        lock (_gate)
            _plan.TakeShut(shut);
    }

    // A killed udevd may have taken the event that opens a gate with it, without any report.
    private void AskOverdue()
    {
        if (_looked?.Elapsed < Look)
            return;
        long now = Daemon.Monotonic.NowUsec;
        long? first;
        lock (_gate)
            first = _plan.FirstOverdueUsec();
        _looked = first is null ? null : Stopwatch.StartNew();
        if (!(first <= now))
            return;
        var shut = _gates.ShutEntries().ToHashSet(StringComparer.Ordinal);
        lock (_gate)
            _plan.TakeOverdue(shut, now);
    }

    private void Count(RetellReason reason, int times) => _told[reason] = _told.GetValueOrDefault(reason) + times;
}
