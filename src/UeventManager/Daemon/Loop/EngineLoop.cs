using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Services;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Loop;

/// <summary>
/// The engine's thread: polls netlink, the sockets and the wake event, steps the engine, and sends. Nothing else touches the pipeline's state.
/// </summary>
internal sealed class EngineLoop
{
    // The batches received before everything else gets its turn, including subscribers that have read everything: some five hundred events.
    private const int BatchesPerWakeup = 8;
    // The receives at the end, which does not wait for a storm to end. Events after these sixteen thousand count as missed.
    private const int LastReceives = 32;
    private const long LastFlushUsec = 1_000_000;
    // Room for the kernel's queue while subscribers are waited for: a million events a second.
    private const int PauseBytes = 8 << 20;
    private readonly LoopParts _parts;
    private readonly Pipeline _pipeline;
    private readonly Poller _poller;
    private readonly KernelInput _kernel;
    private readonly Subscriptions _subscriptions;
    private readonly WaitService _waits;
    private readonly VarlinkTurns _turns;
    private readonly VarlinkListener? _listener;
    private readonly Watchdog? _watchdog;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly UdevInput? _udev;
    private bool _netlinkReady = true;
    private bool _udevReady = true;
    private bool _isWoken = true;
    private bool _isPaused;
    private long _nextSweepUsec;
    private volatile bool _stopping;

    /// <summary>Creates a loop that has not begun.</summary>
    public EngineLoop(LoopParts parts)
    {
        _parts = parts;
        (_pipeline, _poller, _kernel, _subscriptions) = (parts.Pipeline, parts.Poller, parts.Kernel, parts.Subscriptions);
        (_waits, _turns, _listener, _watchdog) = (parts.Waits, parts.Turns, parts.Listener, parts.Watchdog);
        _udev = parts.Udev;
        _pipeline.Reconciled = OnReconciled;
        _poller.Add(parts.Wake.Descriptor, PollEvents.Readable, _ => WokenUp());
        _poller.Add(parts.Socket.Descriptor, PollEvents.Readable, _ => _netlinkReady = true);
        if (_udev is not null)
            _poller.Add(_udev.Socket.Descriptor, PollEvents.Readable, _ => _udevReady = true);
        _thread = new Thread(Run) { Name = "engine", IsBackground = true };
    }

    /// <summary>Completes when every existing device has been looked at; fails if the engine does.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Called if the engine ends because of a bug.</summary>
    public Action<Exception>? Failed { get; set; }

    public void Start() => _thread.Start();

    /// <summary>Runs an action on the engine's thread.</summary>
    public void Post(Action request) => _parts.Mailbox.Post(request);

    /// <summary>Ends the thread and waits for it, but not for hanging reads.</summary>
    public void Stop()
    {
        _stopping = true;
        _parts.Wake.Signal();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Run()
    {
        Guard(RunToTheEnd);
        Guard(() => _listener?.Close());
    }

    private void RunToTheEnd()
    {
        _parts.Handover.IsUsed();
        Epoll.BePrecise();
        _pipeline.Engine.RealtimeUsec = Realtime.NowUsec;
        if (_parts.Handover.IsRestored)
            _pipeline.Engine.Resume(Monotonic.NowUsec);
        else
            _pipeline.Engine.Reconcile();
        _pipeline.Run();
        while (!_stopping)
            Turn();
        HandOver();
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            // A bug: a restart by the supervisor is better than a wrong state.
            _parts.Log.EngineFailed(e);
            Failed?.Invoke(e);
            _ready.TrySetException(e);
        }
    }

    // Events that the kernel has sent until now belong to this run, as far as they arrive at once.
    private void HandOver()
    {
        var seqnum = ReceiveTheRest();
        ReceiveUdev();
        _parts.Recordings.Stop();
        _subscriptions.Flush(LastFlushUsec);
        _parts.Handover.Save(_pipeline.Engine, _pipeline.Publisher, _kernel.Drops, new ListeningPlace(_parts.Socket.Cookie, seqnum, _udev is { IsHolding: false } udev ? udev.Socket.Cookie : 0));
    }

    // The SEQNUM up to which everything was received: the number did not change while the queue was read empty.
    private long ReceiveTheRest()
    {
        for (var i = 0; i < LastReceives; i++)
        {
            var seqnum = _parts.Seqnum.Read();
            Receive(always: true);
            if (!_netlinkReady && _parts.Seqnum.Read() == seqnum)
                return seqnum;
        }
        return SeqnumFile.Unknown;
    }

    private void Turn()
    {
        var engine = _pipeline.Engine;
        engine.BeginWakeup();
        engine.RealtimeUsec = Realtime.NowUsec;
        // While clients keep the loop busy, the kernel's socket is not always among the reported ones.
        _netlinkReady |= _turns.HasWork || _subscriptions.IsBusy;
        Receive();
        ReceiveUdev();
        // Readers, the scan and other threads wake this one when they have results.
        var woken = _isWoken;
        _isWoken = false;
        if (woken)
        {
            _pipeline.TakeReads();
            _parts.Scanner.Take(_pipeline);
        }
        var now = Monotonic.NowUsec;
        if (engine.NextDueUsec(now) <= now)
        {
            // What was read while this turn took its time must not count as unanswered.
            _pipeline.TakeReads();
            engine.Timer(Monotonic.NowUsec);
            _pipeline.Run();
        }
        if (woken)
            _parts.Mailbox.Take();
        if (engine.NeedsDrain)
            Receive(always: true);
        _subscriptions.Flush();
        _turns.Run();
        _subscriptions.Flush();
        now = Monotonic.NowUsec;
        _waits.Turn(now);
        _parts.Recordings.Turn(now);
        _watchdog?.Turn(now);
        var sweeps = _listener is { NeedsSweep: true };
        if (sweeps && now >= _nextSweepUsec)
        {
            _nextSweepUsec = now + _listener!.SweepUsec;
            _listener.Sweep(now);
        }
        var due = Math.Min(Math.Min(engine.NextDueUsec(now), _waits.NextDueUsec), _parts.Recordings.NextDueUsec);
        var busy = _turns.HasWork || _subscriptions.IsBusy || (!_isPaused && (_netlinkReady || _udevReady || engine.NeedsDrain)) || due <= now;
        _parts.Recordings.Rest(!busy);
        due = Math.Min(due, _isPaused ? now + Pace.OnceUsec : long.MaxValue);
        due = Math.Min(Math.Min(due, sweeps ? _nextSweepUsec : long.MaxValue), _watchdog?.NextUsec ?? long.MaxValue);
        // The time at which the kernel sent the waking event matters only for udev.
        var waits = engine.Rules.AsksUdev && !_netlinkReady && !_isPaused && _kernel.Waits(Monotonic.NowUsec);
        _poller.Wait(busy ? 0 : due == long.MaxValue ? -1 : Math.Max(0, due - Monotonic.NowUsec));
        if (waits)
            _kernel.Woken(Monotonic.NowUsec);
    }

    // A decision needs one more receive, which is usually empty: so a lone event costs one empty receive.
    private void Receive(bool always = false)
    {
        if ((!_netlinkReady && !always) || Pauses())
            return;
        _netlinkReady = false;
        for (var i = 0; i < BatchesPerWakeup; i++)
        {
            // The results of a batch are sent before anything else is done.
            _kernel.BeginBatch();
            _subscriptions.Flush();
            var more = _kernel.EndBatch();
            _subscriptions.Flush();
            if (!more && !_pipeline.Engine.NeedsDrain)
                return;
            if (Pauses())
                return;
        }
        _netlinkReady = true;
    }

    // Held broadcasts wait for the kernel's socket, which is read first in the next turn. While that one is paused, both are.
    private void ReceiveUdev()
    {
        if (_udev is null || _isPaused)
            return;
        if (!_udevReady && !_udev.IsHolding)
            return;
        _udevReady = _udev.Receive();
        // The kernel's socket has datagrams: read it at once in the next turn.
        _udevReady |= _udev.IsHolding;
        _netlinkReady |= _udev.IsHolding;
    }

    // Events that a subscriber would lose stay in the kernel's queue, as long as it has room for as many again.
    private bool Pauses()
    {
        if (!_isPaused && !_pipeline.Publisher.Pace.MayWait)
            return false;
        var now = Monotonic.NowUsec;
        var pauses = !_stopping && _pipeline.Publisher.Pace.ShouldWait(now);
        if (pauses && (_waits.HasCallers || !_kernel.HasRoom(PauseBytes)))
        {
            _pipeline.Publisher.Pace.GoOn(now);
            pauses = false;
        }
        if (pauses == _isPaused)
            return pauses;
        _isPaused = pauses;
        // Level-triggered: datagrams left in the kernel's queue would wake this thread again and again.
        _poller.Change(_parts.Socket.Descriptor, pauses ? PollEvents.None : PollEvents.Readable);
        if (_udev is not null)
            _poller.Change(_udev.Socket.Descriptor, pauses ? PollEvents.None : PollEvents.Readable);
        (_netlinkReady, _udevReady) = (true, true);
        return pauses;
    }

    private void WokenUp()
    {
        _parts.Wake.Clear();
        _isWoken = true;
    }

    private void OnReconciled()
    {
        if (_ready.Task.IsCompleted)
            return;
        _pipeline.TakeMemory();
        _ready.TrySetResult();
        _pipeline.Publisher.Open(Monotonic.NowUsec);
        var devices = _pipeline.Engine.Devices;
        var waiting = devices.All().Count(d => d.State == DeviceState.Waiting);
        _parts.Log.Ready(Trace.Milliseconds(Monotonic.NowUsec - _parts.StartedUsec), devices.Count - waiting, waiting, _pipeline.Engine.Rules.Rules.Count);
        _parts.Gate.Open();
    }
}
