using System.Text.Json;
using UeventManager.Client;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Follows the daemon on a thread of its own, over as many connections as necessary: a cursor resumes the stream; a gap brings the whole state, whose
/// differences are forwarded.
/// </summary>
internal sealed class ForwardSession(ForwardOptions options, ForwardTeller teller, Func<int, string?> refusal)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(1);

    private readonly ForwardedEvent _said = new();
    private readonly ByteBuffer _cursor = new(128);
    private readonly List<ForwardedDevice> _state = [];
    private readonly Lock _gate = new();
    private DaemonStream? _stream;
    private bool _isCurrent;
    private bool _isStateDue;
    private bool _isReady;
    private string? _gap;
    private int _attempts;

    /// <summary>Starts after the events that an earlier run has forwarded.</summary>
    /// <param name="cursor">The cursor to resume at; empty for the state.</param>
    /// <param name="ready">Called once the existing devices have been forwarded.</param>
    /// <param name="cancel">Ends the session, with <see cref="OperationCanceledException"/>.</param>
    public Task RunAsync(ReadOnlyMemory<byte> cursor, Action ready, CancellationToken cancel)
    {
        _cursor.Append(cursor.Span);
        return Task.Factory.StartNew(() => Run(ready, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>
    /// Completes once everything that the daemon has sent is forwarded. Without a daemon, or before its state is complete, it waits.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancel)
    {
        while (!IsDrained())
            await Task.Delay(DrainStep, cancel).ConfigureAwait(false);
    }

    private bool IsDrained()
    {
        lock (_gate)
            return _isCurrent && _stream is { IsDrained: true };
    }

    private void SetCurrent(bool isCurrent)
    {
        lock (_gate)
            _isCurrent = isCurrent;
    }

    private void Run(Action ready, CancellationToken cancel)
    {
        using CancellationTokenRegistration ending = cancel.Register(End);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                Follow(ready, cancel);
            }
            catch (Exception e) when (IsLoss(e) && !cancel.IsCancellationRequested)
            {
                Wait(e, cancel);
            }
            catch (DaemonUnreachableException) when (cancel.IsCancellationRequested)
            {
                // The session itself has closed the connection.
            }
        }
    }

    // When a daemon returns, all subscribers may connect at once, and it may refuse some at its limit for a moment.
    private bool IsLoss(Exception e) => _isReady
        && (e is DaemonUnreachableException || (e is VarlinkErrorException { Error: var error } && error.EndsWith(".TooManySubscribers", StringComparison.Ordinal)));

    private void Follow(Action ready, CancellationToken cancel)
    {
        using DaemonStream stream = DaemonStream.Connect(options.SocketPath);
        try
        {
            lock (_gate)
                _stream = stream;
            if (cancel.IsCancellationRequested)
                return;
            if (refusal(stream.ListenerPid) is { } reason)
                throw new IOException(reason);
            stream.Subscribe(options.Filter, _cursor.Written);
            _isStateDue = _cursor.Length == 0;
            DropState();
            while (true)
            {
                Take(stream.Next());
                if (_isReady || _isStateDue)
                    continue;
                _isReady = true;
                ready();
            }
        }
        finally
        {
            lock (_gate)
                (_stream, _isCurrent) = (null, false);
        }
    }

    private void Take(ReadOnlyMemory<byte> frame)
    {
        var reply = new ReplyReader(frame.Span, _cursor);
        try
        {
            for (ReplyPart part = reply.Next(_said); part != ReplyPart.End; part = reply.Next(_said))
                Take(part, frame, reply);
        }
        catch (JsonException e)
        {
            throw new VarlinkProtocolException("The daemon's reply does not match its interface: " + e.Message, e);
        }
        _attempts = 0;
        if (reply.HasState && !_isStateDue)
            throw new VarlinkProtocolException("The daemon sent a state without a request.");
        if (reply.IsReady && _isStateDue)
            TakeState();
        else if (reply.IsReady)
            Resume();
        else if (!_isStateDue)
            teller.EndReply();
    }

    private void Take(ReplyPart part, ReadOnlyMemory<byte> frame, in ReplyReader reply)
    {
        switch (part)
        {
            case ReplyPart.Event:
                teller.Tell(_said, _cursor.Written);
                break;
            case ReplyPart.Device:
                _state.Add(teller.Hear(_said));
                break;
            case ReplyPart.Gap:
                // No cursor is valid until the state is complete.
                (_isStateDue, _gap) = (true, reply.GapReason);
                SetCurrent(false);
                _cursor.Clear();
                DropState();
                break;
            case ReplyPart.Error:
                VarlinkReply.Parse(frame);
                break;
        }
    }

    private void Resume()
    {
        teller.Resumed();
        SetCurrent(true);
    }

    private void TakeState()
    {
        if (_gap is { } reason)
            options.Say($"events may have been lost ({reason}); the differences are sent");
        (_isStateDue, _gap) = (false, null);
        teller.TakeState(_state, _cursor.Written);
        _state.Clear();
        SetCurrent(true);
    }

    private void DropState()
    {
        foreach (ForwardedDevice device in _state)
            teller.Free(device);
        _state.Clear();
    }

    private void Wait(Exception lost, CancellationToken cancel)
    {
        if (_isStateDue)
            _cursor.Clear(); // A part of a state is none.
        if (_attempts == 0)
            options.Say($"the connection to the daemon was lost ({lost.Message}); trying until it is back");
        teller.Interrupted();
        cancel.WaitHandle.WaitOne(Backoff.Next(FirstDelay, MaxDelay, _attempts++));
    }

    private void End()
    {
        lock (_gate)
            _stream?.Shutdown();
    }
}
