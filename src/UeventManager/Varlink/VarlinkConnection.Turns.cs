using System.Buffers;
using Tmds.Linux;

namespace UeventManager.Varlink;

internal sealed partial class VarlinkConnection
{
    // The most calls of a closed client that are still carried out: it may have sent oneway calls and not waited. Calls that expect an answer are
    // dropped.
    private const int FarewellCalls = 64;

    private PollEvents _interest = PollEvents.Readable;
    private PollEvents _ready;
    private VarlinkCall? _current;
    private int _farewells;
    private bool _isWatched;
    private bool _isAsked;
    private bool _isServed;
    private bool _inputEnded;
    private bool _peerGone;
    private bool _condemned;
    private bool _refused;

    private bool IsBusy => _current is not null || _output.Length > 0;

    private bool WantsInput => !_inputEnded && !_refused && !(IsBusy && _input.Length >= _limits.MaxReadAheadBytes);

    // Whether a turn would have work, apart from the events that the poller reports.
    private bool HasWork =>
        _condemned || _peerGone
        || (_output.Length == 0 && (_current is { } call ? call.HasWork : _inputEnded || _refused || _input.HasFrame));

    /// <summary>Works until the time is over.</summary>
    /// <param name="endUsec">The end of the turn.</param>
    /// <returns>True if work is left.</returns>
    internal bool TakeTurn(long endUsec)
    {
        _isAsked = false;
        if (_isClosed)
            return false;
        PollEvents ready = _ready;
        _ready = PollEvents.None;
        _isServed = true;
        try
        {
            Serve(ready, endUsec);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        _isServed = false;
        if (_condemned)
            Close();
        if (_isClosed)
            return false;
        _input.DropTaken();
        Charge();
        if (_isClosed)
            return false;
        if (HasWork || _ready != PollEvents.None)
            return _isAsked = true;
        Watch(Interest());
        return false;
    }

    /// <summary>Asks for a turn if there is work, else sets the events that the poller reports.</summary>
    internal void Arrange()
    {
        if (_isClosed || _isServed)
            return;
        Charge();
        if (_isAsked || _isClosed)
            return;
        if (HasWork)
            Ask();
        else
            Watch(Interest());
    }

    private void Ask()
    {
        _isAsked = true;
        _dispatcher.Turns.Ask(this);
    }

    // Everything waits for a turn: otherwise each of a hundred ready sockets would take the time that a turn has for all of them.
    private void OnReady(PollEvents events)
    {
        if ((events & PollEvents.HangUp) != 0)
        {
            SetPeerGone();
            // A hang-up would be reported again and again.
            Unwatch();
        }
        _ready |= events;
        if (!_isAsked)
            Ask();
        else
            Watch(PollEvents.None); // Level-triggered: what waits for its turn would be reported each time until then.
    }

    private void Serve(PollEvents ready, long endUsec)
    {
        if (_output.Length > 0 && (ready & PollEvents.Writable) != 0)
        {
            Flush();
            if (_output.Length == 0 && !_peerGone && _current is { HasWork: false })
                _current.Drained?.Invoke();
        }
        if ((_peerGone || (ready & PollEvents.Readable) != 0) && WantsInput)
            Receive();
        if (_peerGone && _current is null)
            TakeFarewells(endUsec);
        else if (!_peerGone)
            Process(endUsec);
        if (_isClosed)
            return;
        bool isOver = _peerGone
            ? _refused || _current is not null || (_inputEnded && !_input.HasFrame) || _farewells >= FarewellCalls
            : _output.Length == 0 && _current is null && (_refused || (_inputEnded && !_input.HasFrame));
        if (isOver)
            Close();
    }

    private void Process(long endUsec)
    {
        for (int calls = 0; calls < VarlinkTurns.CallsPerTurn && !_isClosed && !_refused && !_peerGone && _output.Length == 0;)
        {
            if (_current is { } call)
            {
                if (!call.HasWork)
                    break;
                call.DoWork();
            }
            else if (_input.TryTake(out ReadOnlySpan<byte> frame))
            {
                calls++;
                Take(frame);
            }
            else
            {
                break;
            }
            if (VarlinkTurns.NowUsec >= endUsec)
                break;
        }
        if (!_isClosed && !_refused && !IsBusy && !_input.HasFrame && _input.Length > _limits.MaxRequestBytes)
            RefuseTooLong();
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > _limits.MaxRequestBytes)
            RefuseTooLong();
        else if (VarlinkRequest.Parse(frame, _limits.MaxJsonDepth) is { } request)
            Dispatch(request, frame.Length);
        else
            Close();
    }

    private void Dispatch(VarlinkRequest request, int length)
    {
        _callBytes = length > PageBytes ? BytesOfParsedByte * length : 0;
        _dispatcher.Dispatch(_current = new VarlinkCall(this, request));
    }

    private void TakeFarewells(long endUsec)
    {
        while (_farewells < FarewellCalls && _current is null && _input.TryTake(out ReadOnlySpan<byte> frame))
        {
            // Most requests have no such member and need not be parsed.
            bool mayBeOneway = frame.IndexOf("oneway"u8) >= 0 || frame.Contains((byte)'\\');
            if (mayBeOneway && frame.Length <= _limits.MaxRequestBytes)
            {
                _farewells++;
                if (VarlinkRequest.Parse(frame, _limits.MaxJsonDepth) is not { } request)
                    Close();
                else if (request.Oneway)
                    Dispatch(request, frame.Length);
            }
            if (_isClosed || VarlinkTurns.NowUsec >= endUsec)
                return;
        }
    }

    private void RefuseTooLong()
    {
        _refused = true;
        _input.Clear();
        ArrayBufferWriter<byte> frame = Scratch();
        ReplyFrame.WriteError(frame, VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "parameters"));
        TrySend(frame.WrittenSpan, always: true);
    }

    private void Finish(VarlinkCall call)
    {
        if (_current != call)
            return;
        _current = null;
        Arrange();
    }

    private void Receive()
    {
        Span<byte> buffer = _receiveBuffer ??= new byte[ReceiveBytes];
        int count = SocketCalls.Receive(_descriptor, buffer);
        if (count > 0)
        {
            _input.Append(buffer[..count]);
            _progress += count;
            return;
        }
        if (count < 0 && LibC.errno == LibC.EINTR)
            return;
        if (count < 0 && LibC.errno == LibC.EAGAIN)
        {
            _inputEnded |= _peerGone;
            return;
        }
        // 0 bytes: the peer writes no more, but may still read (shutdown). An error: the peer is gone.
        _inputEnded = true;
        if (count < 0)
            SetPeerGone();
    }

    private PollEvents Interest() =>
        (WantsInput ? PollEvents.Readable : PollEvents.None) | (_output.Length > 0 ? PollEvents.Writable : PollEvents.None);

    private void Watch(PollEvents wanted)
    {
        if (wanted == _interest || !_isWatched)
            return;
        _interest = wanted;
        _poller.Change(_descriptor, wanted);
    }

    private void Unwatch()
    {
        if (!_isWatched)
            return;
        _isWatched = false;
        _poller.Remove(_descriptor);
    }
}
