using System.Diagnostics;
using UeventManager.Client;

namespace UeventManager.Commands.Retelling;

/// <summary>Compares what the daemon and udevd tell, and has udevd tell again. What it did is counted by reason.</summary>
internal sealed class RetellSession : IDisposable
{
    // A daemon that restarts is back by then; until then what is shut stays so.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // An event that was merged into another is never announced by its own number: by then the daemon is asked for the device, and less and less often
    // for one that waits.
    private static readonly TimeSpan Unmatched = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestUnmatched = TimeSpan.FromSeconds(30);

    // What was told too early and has to wait is looked at so often.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly RetellOptions _options;
    private readonly RetellPlan _plan = new();
    private readonly RetellWriter _writer;
    private readonly GateKeeper _gates;
    private readonly BlockedWorkers _workers;
    private readonly UdevRuleFile _rules;
    private readonly Lock _gate = new();
    private readonly Dictionary<RetellReason, long> _told = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly Queue<Retelling> _early = new();
    private readonly Stopwatch _sinceAsked = Stopwatch.StartNew();
    private TimeSpan _patience = Unmatched;
    private bool _asksDatabase;
    private bool _isConnected;

    /// <summary>Begins; no gate is shut before <see cref="RunAsync"/> has a daemon.</summary>
    public RetellSession(RetellOptions options)
    {
        _options = options;
        _writer = new RetellWriter(options.Sysfs, options.Say);
        _gates = new GateKeeper(options.Gate, options.RunUdev, options.Sysfs);
        _workers = new BlockedWorkers(options.WorkerSocket, BlockedWorkers.Most(), _gate, _plan.IsSettled);
        _rules = new UdevRuleFile(options);
        _plan.Announced = _workers.Tell;
    }

    /// <summary>What was done, for people.</summary>
    public string Summary()
    {
        lock (_gate)
        {
            return $"told again: {_told.GetValueOrDefault(RetellReason.Early)} that udevd had told too early, {_told.GetValueOrDefault(RetellReason.Shut)} whose gate was shut; "
                + $"workers held: {_workers.Held}, let through: {_workers.GaveUp}";
        }
    }

    /// <summary>Runs until it is cancelled; then no gate is shut any more.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="ready">Called once the daemon's devices are known and gates may be shut.</param>
    /// <param name="cancel">Ends it, with <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(UeventClient client, Action ready, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var listener = new UdevListener(Hear, Rescan);
        using var watched = new WatchedRules(_options.RuleDirectories, _rules.Install);
        Task[] tasks = [SubscribeAsync(client, ready, ending.Token), _workers.ServeAsync(ending.Token), WriteAsync(client, ending.Token)];
        try
        {
            await (await Task.WhenAny(tasks).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            Close();
        }
    }

    /// <summary>Writes udev's rules anew, if ours ask for others now.</summary>
    public void InstallRules() => _rules.Install();

    /// <summary>Opens every gate that is shut, and has none shut from now on.</summary>
    public void Close()
    {
        _workers.Open(false);
        _gates.End();
        OpenAll();
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
            {
                Take(change);
                if (_plan.MayBeMatched)
                    (_plan.MayBeMatched, _patience) = (false, Unmatched);
            }
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
            _plan.Take(state);
            _asksDatabase = true;
        }
        else if (change is EventsChange { Events: var events })
        {
            foreach (UeventEvent one in events)
                _plan.Take(one);
        }
    }

    // Nobody would open what is shut from now on; what is shut already may wait for a daemon that is about to come back.
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
                lock (_gate)
                {
                    if (!_isConnected)
                        OpenAll();
                }
            },
            cancel, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private void Hear(UdevBroadcast one)
    {
        lock (_gate)
        {
            _plan.Take(one);
            if (one.IsShut)
                _patience = Unmatched;
        }
        _work.Release();
    }

    private void Rescan()
    {
        lock (_gate)
            _asksDatabase = true;
        _work.Release();
    }

    private void OpenAll() => _told[RetellReason.Shut] = _told.GetValueOrDefault(RetellReason.Shut) + _gates.OpenAll(_writer);

    // Gates are opened at once; what was told too early waits for its turn, so that a storm of late devices is no storm of udevd's.
    private async Task WriteAsync(UeventClient client, CancellationToken cancel)
    {
        var second = Stopwatch.StartNew();
        int written = 0;
        while (true)
        {
            await _work.WaitAsync(_early.Count > 0 ? Step : UntilAsked(), cancel).ConfigureAwait(false);
            while (await _work.WaitAsync(0, cancel).ConfigureAwait(false))
            {
                // One turn serves all that has come.
            }
            TakeWanted();
            await OpenUnmatchedAsync(client, cancel).ConfigureAwait(false);
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

    private bool Tell(Retelling one)
    {
        if (one.Device.IsGone || !_writer.Write(one.Device.Devpath, one.Device.Subsystem))
            return false;
        lock (_gate)
        {
            one.Device.RetoldUsec = Daemon.Monotonic.NowUsec;
            Count(one.Reason);
        }
        return true;
    }

    private TimeSpan UntilAsked()
    {
        lock (_gate)
        {
            // Whoever connects again says so.
            if (!_isConnected || (!_asksDatabase && !_plan.Unmatched.Any()))
                return Timeout.InfiniteTimeSpan;
            if (_asksDatabase)
                return TimeSpan.Zero;
            TimeSpan left = _patience - _sinceAsked.Elapsed;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    // Of devices that were announced by another event, or before this one listened: the daemon says whether they are complete.
    private async Task OpenUnmatchedAsync(UeventClient client, CancellationToken cancel)
    {
        List<(string Devpath, UdevBroadcast? Told)> asked = [];
        lock (_gate)
        {
            if (!_isConnected || (!_asksDatabase && _sinceAsked.Elapsed < _patience))
                return;
            _sinceAsked.Restart();
            _patience = _patience * 2 < LongestUnmatched ? _patience * 2 : LongestUnmatched;
            long before = Daemon.Monotonic.NowUsec - ((long)Unmatched.TotalMilliseconds * 1000);
            asked.AddRange(_plan.Unmatched.Where(one => one.HeardUsec < before).Select(static one => (one.Devpath, (UdevBroadcast?)one)));
            if (_asksDatabase)
            {
                _asksDatabase = false;
                var shut = _gates.ShutEntries().ToHashSet(StringComparer.Ordinal);
                if (shut.Count > 0)
                    asked.AddRange(_plan.Devices.Where(device => shut.Contains(device.DatabaseId)).Select(static device => (device.Devpath, (UdevBroadcast?)null)));
            }
        }
        foreach (var (devpath, told) in asked)
        {
            bool isAnnounced = await client.IsAnnouncedAsync(devpath, cancel).ConfigureAwait(false);
            lock (_gate)
            {
                if (isAnnounced && _plan.Find(devpath) is { } device)
                    Open(device, told);
                else if (isAnnounced || Directory.Exists(_options.Sysfs.TrimEnd('/') + devpath))
                    continue;
                if (told is not null)
                    _plan.Forget(told);
            }
        }
        if (asked.Count > 0)
            TakeWanted();
    }

    // Another of its events may have been matched meanwhile.
    private void Open(RetellDevice device, UdevBroadcast? told)
    {
        if (told is null || told.HeardUsec > device.RetoldUsec)
            _plan.Open(device);
    }

    private void Count(RetellReason reason) => _told[reason] = _told.GetValueOrDefault(reason) + 1;
}
