using System.Collections.Concurrent;
using UeventManager.Core.Recording;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Netlink;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>
/// Records: one thread receives the kernel's uevents and looks at devices; another one writes. Receiving a datagram comes before any look, and the
/// first look at a new device before any other look.
/// </summary>
internal sealed class RecorderSession : IDisposable
{
    private const ulong SocketToken = 1;
    private const ulong WakeToken = 2;

    // Lines are passed to the writer after this time without work, or when there are many.
    private const long IdleUsec = 1_000;
    private const int MaxLines = 256;
    private const int MaxBatches = 4;
    private const long LongestEndUsec = 10_000_000;

    // While reads are in progress, they are checked at this interval for reads that hang.
    private const long ReadCheckUsec = 50_000;

    private readonly UeventSocket _socket;
    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly SysfsTree _tree;
    private readonly SubsystemDirectory _subsystems;
    private readonly RecorderOptions _options;
    private readonly WatchList _watched;
    private readonly ConcurrentQueue<IReadOnlyList<ScannedDevice>> _scanned = new();
    private readonly RecordingOutput _output;
    private readonly List<RecordedLine> _lines = [];
    private bool _isPrompt;
    private uint _drops;
    private volatile bool _isScanned;

    /// <summary>Opens the socket; uevents are recorded from now on.</summary>
    /// <exception cref="SystemCallException">The kernel refused the socket.</exception>
    public RecorderSession(SysfsTree tree, RecorderOptions options, Stream stream)
    {
        (_tree, _options) = (tree, options);
        _subsystems = new SubsystemDirectory(tree);
        _socket = UeventSocket.Open();
        _drops = _socket.ReadMemInfo().Drops;
        _epoll.Add(_socket.Descriptor, PollIn, SocketToken);
        _epoll.Add(_wake.Descriptor, PollIn, WakeToken);
        StartedUsec = Monotonic.NowUsec;
        var header = options.Header with { AtUsec = StartedUsec, RealtimeUsec = Realtime.NowUsec };
        _output = new RecordingOutput(stream, options.Pseudonyms, header, _wake.Signal);
        _watched = new WatchList(tree, options, _lines.Add, _wake.Signal);
    }

    private const int PollIn = 1;

    /// <summary>When the recording began.</summary>
    public long StartedUsec { get; }

    /// <summary>The number of recorded datagrams.</summary>
    public long Uevents { get; private set; }

    /// <summary>The number of datagrams that the socket lost.</summary>
    public long Lost { get; private set; }

    /// <summary>The watched devices.</summary>
    public WatchList Watched => _watched;

    /// <summary>The number of bytes written.</summary>
    public long Bytes => _output.Bytes;

    /// <summary>The error that ended writing, or null.</summary>
    public Exception? Failure => _output.Failure;

    /// <summary>Records until cancelled, until its time is over, or until nothing can be written.</summary>
    /// <param name="progress">Called about every quarter of a second.</param>
    /// <param name="cancel">Ends the recording in order.</param>
    public void Run(Action progress, CancellationToken cancel)
    {
        using var ending = cancel.Register(_wake.Signal);
        Epoll.BePrecise();
        new Thread(Scan) { IsBackground = true, Name = "sysfs-scan" }.Start();
        var until = _options.ForUsec is { } duration ? StartedUsec + duration : long.MaxValue;
        var nextProgress = StartedUsec;
        while (!cancel.IsCancellationRequested && _output.Failure is null)
        {
            var now = Monotonic.NowUsec;
            if (now >= until || (_options.EndsWithTree && _watched is { IsTreeKnown: true, Reads.AreUnderWay: false }))
                break;
            if (now >= nextProgress)
            {
                progress();
                nextProgress = now + 250_000;
            }
            var due = Math.Min(Math.Min(until, nextProgress), _watched.NextDueUsec(now));
            if (_watched.Reads.AreUnderWay)
                due = Math.Min(due, now + ReadCheckUsec);
            BePrompt(now);
            if (due - now >= IdleUsec || _lines.Count >= MaxLines)
                Pass();
            Wait(Math.Max(0, due - Monotonic.NowUsec));
            Receive();
            TakeScanned();
            _watched.TakeReads();
            _watched.LookAtDue();
        }
        ReceiveRest();
        _watched.LookAtAll();
        _lines.Add(new EndLine(Monotonic.NowUsec));
        Pass();
        _output.Finish();
    }

    // The tree is left to the finalizer, because a read that hangs still uses it.
    public void Dispose()
    {
        _watched.Dispose();
        _socket.Dispose();
        _epoll.Dispose();
        _wake.Dispose();
        _output.Dispose();
    }

    // Only a thread that is awake sees what appears a tenth of a millisecond after an add. In a storm other threads must get their turn.
    private void BePrompt(long now)
    {
        var isPrompt = _watched.HasCredit(now);
        if (isPrompt == _isPrompt)
            return;
        _isPrompt = isPrompt;
        if (!isPrompt)
            RealtimeThread.End();
        else
            _ = RealtimeThread.TryBegin();
    }

    // The writing thread is not woken while looks are due.
    private void Pass()
    {
        foreach (var line in _lines)
            _output.Add(line);
        _lines.Clear();
    }

    private void Wait(long usec)
    {
        var ready = _epoll.Wait(usec);
        for (var i = 0; i < ready; i++)
        {
            if (_epoll[i].Token == WakeToken)
                _wake.Clear();
        }
    }

    // What was sent before the end belongs to the recording. What a few seconds are too short for is reported as lost, by the most that it can be.
    private void ReceiveRest()
    {
        var until = Monotonic.NowUsec + LongestEndUsec;
        for (var left = _socket.ReadMemInfo().MostQueued; left > 0 && _output.Failure is null && !Receive(); left -= MaxBatches * UeventSocket.BatchSize)
        {
            Pass();
            if (Monotonic.NowUsec < until)
                continue;
            Lost += left;
            _lines.Add(new LostLine(Monotonic.NowUsec, "datagrams", left, null));
            return;
        }
    }

    // A storm must not keep the thread from everything else: further datagrams wait in the socket. True if it was found empty.
    private bool Receive()
    {
        for (var batches = 0; batches < MaxBatches; batches++)
        {
            var taken = _socket.Receive();
            var now = Monotonic.NowUsec;
            for (var i = 0; i < taken.Received; i++)
                Step(_socket[i], now);
            if (taken.Overrun)
                NoteLoss(now);
            if (taken.SawEmpty || (taken.Received == 0 && !taken.Overrun))
                return true;
        }
        return false;
    }

    private void NoteLoss(long now)
    {
        var drops = _socket.ReadMemInfo().Drops;
        var lost = drops - _drops;
        _drops = drops;
        Lost += lost;
        _lines.Add(new LostLine(now, "datagrams", lost, null));
    }

    private void Step(Datagram datagram, long now)
    {
        if (datagram.Rejection != DatagramRejection.None || UeventParser.TryParse(datagram.Data, out var uevent) != UeventRejection.None)
            return;
        var kind = DevPaths.IsBelowDevices(uevent.DevPath) ? _subsystems.Of(uevent.Subsystem) : SubsystemKind.None;
        var isDevice = kind is SubsystemKind.Class or SubsystemKind.Bus;
        var devPath = KernelText.Decode(uevent.DevPath);
        if (!Wants(uevent, devPath, isDevice))
            return;
        Uevents++;
        _lines.Add(new UeventLine(now, datagram.Data.ToArray(), isDevice, kind == SubsystemKind.Bus));
        var old = uevent.Action == UeventAction.Move ? KernelText.Decode(uevent.DevPathOld) : null;
        _watched.Heard(devPath, uevent.Action, old, isDevice, now);
    }

    private bool Wants(in Uevent uevent, string devPath, bool isDevice)
    {
        if (_options.Filter.IsAll)
            return true;
        if (_watched.IsWatched(devPath))
            return true;
        if (!isDevice)
            return _watched.IsBelowWatched(devPath);
        // The lookup outlives the datagram's buffer.
        var properties = uevent.Properties.ToArray();
        return _options.Filter.Wants(KernelText.Decode(uevent.Subsystem), devPath, key =>
            PropertyBlock.TryGet(properties, System.Text.Encoding.UTF8.GetBytes(key), out var value) ? KernelText.Decode(value) : null);
    }

    private void TakeScanned()
    {
        while (_scanned.TryDequeue(out var batch))
        {
            foreach (var found in batch)
            {
                // New devices must not wait for thousands of existing ones.
                if (_options.Filter.Wants(found.Subsystem, found.DevPath, found.Property))
                    _watched.Found(found.DevPath, KernelText.Decode(found.Uevent), isWanted: true);
                else
                    _watched.Remember(found.DevPath, KernelText.Decode(found.Uevent));
                Receive();
            }
        }
        if (_isScanned && _scanned.IsEmpty)
            _watched.IsTreeKnown = true;
    }

    // On a thread of its own, because reading a uevent file may block.
    private void Scan()
    {
        try
        {
            SysfsScan.Run(_tree, batch =>
            {
                _scanned.Enqueue(batch);
                _wake.Signal();
            }, CancellationToken.None);
        }
        catch (SystemCallException)
        {
            // Without the initial tree, new devices are still recorded.
        }
        _isScanned = true;
        _wake.Signal();
    }
}
