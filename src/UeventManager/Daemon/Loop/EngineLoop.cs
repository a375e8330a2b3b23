using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Services;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Loop;

/// <summary>
/// The one thread that does it all: polls netlink, the sockets and the wake event, steps the engine, and
/// sends. Nothing else touches the pipeline's state.
/// </summary>
internal sealed class EngineLoop
{
    // Batches received before everything else gets its turn, subscribers that have read what they had among it: some five hundred events.
    private const int BatchesPerWakeup = 8;
    // At the end: a storm is not waited for. What is left of it after sixteen thousand events counts as missed.
    private const int LastReceives = 32;
    private const long LastFlushUsec = 1_000_000;
    // Room for what the kernel queues unseen while subscribers are waited for: a million events a second.
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

    /// <summary>Makes a loop that has not begun.</summary>
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

    /// <summary>Ends when every existing device has been looked at; fails if the engine does.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Called if the engine ends by an error of our own.</summary>
    public Action<Exception>? Failed { get; set; }

    public void Start() => _thread.Start();

    /// <summary>Does something on the engine's thread.</summary>
    public void Post(Action request) => _parts.Mailbox.Post(request);

    /// <summary>Ends the thread and waits for it; not for reads that hang.</summary>
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
            // A bug of ours: a restart by the supervisor is better than going on with a wrong state.
            _parts.Log.EngineFailed(e);
            Failed?.Invoke(e);
            _ready.TrySetException(e);
        }
    }

    // What the kernel has sent until now is this run's, as far as it comes at once.
    private void HandOver()
    {
        var seqnum = ReceiveTheRest();
        ReceiveUdev();
        _parts.Recordings.Stop();
        _subscriptions.Flush(LastFlushUsec);
        _parts.Handover.Save(_pipeline.Engine, _pipeline.Publisher, _kernel.Drops, new ListeningPlace(_parts.Socket.Cookie, seqnum, _udev is { IsHolding: false } udev ? udev.Socket.Cookie : 0));
    }

    // The number up to which everything was heard: one that stood still while the queue was read empty.
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
        // While clients keep the loop going round, the kernel's socket is not always among those that are reported.
        _netlinkReady |= _turns.HasWork || _subscriptions.IsBusy;
        Receive();
        ReceiveUdev();
        // Readers, the scan and other threads wake this one when they have something.
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
            engine.Timer(now);
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
        // When the kernel has sent what wakes this thread is asked for udev's sake alone.
        var waits = engine.Rules.AsksUdev && !_netlinkReady && !_isPaused && _kernel.Waits(Monotonic.NowUsec);
        _poller.Wait(busy ? 0 : due == long.MaxValue ? -1 : Math.Max(0, due - Monotonic.NowUsec));
        if (waits)
            _kernel.Woken(Monotonic.NowUsec);
    }

    // What a batch decided needs one more receive, which usually finds nothing: so a lone event pays one empty receive.
    private void Receive(bool always = false)
    {
        if ((!_netlinkReady && !always) || Pauses())
            return;
        _netlinkReady = false;
        for (var i = 0; i < BatchesPerWakeup; i++)
        {
            // What it brought is on its way before anything else is done.
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

    // What is held back waits for the kernel's socket, which is read first in the next turn. While that is paused, both are.
    private void ReceiveUdev()
    {
        if (_udev is null || _isPaused)
            return;
        if (!_udevReady && !_udev.IsHolding)
            return;
        _udevReady = _udev.Receive();
        // The kernel's socket has something: it is read in the next turn at once.
        _udevReady |= _udev.IsHolding;
        _netlinkReady |= _udev.IsHolding;
    }

    // Events that a subscriber would lose stay with the kernel, as long as it has room for as many again.
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
        // Level-triggered: what stays with the kernel would wake us again and again.
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
