using System.Buffers;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager.Varlink;

/// <summary>
/// A client's connection. It has no thread: the poller reports its socket's events, and all work is done in its turns (<see cref="VarlinkTurns"/>) on
/// the poller's thread. Calls are answered in order, and the next call is read only after the kernel has taken the previous one's last reply: so a
/// client that does not read costs at most one call's replies. Handlers and callbacks run only inside a turn. An exception of a handler closes this
/// connection and nothing else.
/// </summary>
internal sealed partial class VarlinkConnection
{
    private const int ReceiveBytes = 64 << 10;
    private const int ScratchKept = 256 << 10;
    private const int DirectBytes = 128 << 10;

    // One buffer for a thread instead of one for a connection, because thousands of idle clients must not cost 64 KiB each.
    [ThreadStatic]
    private static byte[]? _receiveBuffer;
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly IDisposable _socket;
    private readonly int _descriptor;
    private readonly IPoller _poller;
    private readonly VarlinkDispatcher _dispatcher;
    private readonly VarlinkLimits _limits;
    private readonly Action<VarlinkConnection>? _closed;
    private readonly FrameReader _input = new();
    private readonly ByteQueue _output = new();
    private readonly VarlinkListener? _listener;
    private readonly UidAccount? _account;
    private bool _isClosed;

    /// <summary>Takes over a connected stream socket and watches it.</summary>
    /// <param name="socket">The connection; it is closed with this object.</param>
    /// <param name="poller">Drives the connection.</param>
    /// <param name="dispatcher">Answers the calls.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="closed">Called once when the connection is closed.</param>
    public VarlinkConnection(
        Socket socket, IPoller poller, VarlinkDispatcher dispatcher, VarlinkLimits limits, Action<VarlinkConnection>? closed = null)
        : this(socket, Descriptor(socket), PeerCredentials.Of(Descriptor(socket)), poller, dispatcher, limits)
    {
        _closed = closed;
        socket.Blocking = false;
    }

    /// <summary>Takes over a socket that a listener has accepted.</summary>
    internal VarlinkConnection(
        IDisposable socket, int descriptor, PeerCredentials peer, IPoller poller, VarlinkDispatcher dispatcher, VarlinkLimits limits,
        VarlinkListener? listener = null, bool isCounted = false)
    {
        ArgumentNullException.ThrowIfNull(poller);
        (_socket, _descriptor, Peer, _poller, _dispatcher, _limits, _listener) = (socket, descriptor, peer, poller, dispatcher, limits, listener);
        poller.Add(descriptor, _interest, OnReady);
        _isWatched = true;
        _account = isCounted ? listener?.Accounts.Enter(this) : null;
    }

    /// <summary>The client's identity.</summary>
    public PeerCredentials Peer { get; }

    /// <summary>The number of bytes that wait for the client to read.</summary>
    public int PendingOutputBytes => _output.Length;

    /// <summary>
    /// True if the client has read nearly everything that was sent: unix_writable() requires three quarters of the socket's buffer to be free.
    /// </summary>
    public bool IsNearlyRead => _output.Length == 0 && !_isClosed && SocketCalls.IsWritable(_descriptor);

    /// <summary>Closes the connection. <see cref="VarlinkCall.Closed"/> is called for an unfinished call.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        try
        {
            Unwatch();
            VarlinkCall? call = _current;
            _current = null;
            call?.RaiseClosed();
        }
        catch (Exception e)
        {
            _dispatcher.Turns.CountFailure(Peer, e);
        }
        finally
        {
            _socket.Dispose();
            _input.Clear();
            _output.Clear();
            Charge();
            if (_account is not null)
                _listener!.Accounts.Leave(this, _account);
            _listener?.Forget(this);
            _closed?.Invoke(this);
        }
    }

    internal bool SendReply(VarlinkCall call, ReadOnlySpan<byte> parameters, bool continues)
    {
        bool taken = true;
        if (!call.Oneway && parameters.Length > DirectBytes && _output.Length == 0)
        {
            taken = SendLong(parameters, continues);
        }
        else if (!call.Oneway)
        {
            ArrayBufferWriter<byte> frame = Scratch();
            ReplyFrame.Write(frame, parameters, continues);
            taken = TrySend(frame.WrittenSpan, always: !continues);
        }
        if (!continues)
            Finish(call);
        return taken;
    }

    internal bool SendPart(VarlinkCall call, ReadOnlySpan<byte> bytes, bool isLast)
    {
        bool taken = TrySend(bytes, always: true);
        if (isLast)
            Finish(call);
        return taken;
    }

    internal SafeFileHandle Duplicate() => SocketCalls.Duplicate(_descriptor);

    /// <summary>Closes the connection in its next turn.</summary>
    internal void Abort() => Condemn();

    internal void SendError(VarlinkCall call, string error, ReadOnlySpan<byte> parameters)
    {
        if (!call.Oneway)
        {
            ArrayBufferWriter<byte> frame = Scratch();
            ReplyFrame.WriteError(frame, error, parameters);
            TrySend(frame.WrittenSpan, always: true);
        }
        Finish(call);
    }

    /// <summary>If nothing waits, sends as much as the kernel takes, and keeps the rest.</summary>
    /// <param name="frames">Whole frames.</param>
    /// <param name="always">True to ignore the limit of the output buffer.</param>
    /// <returns>False if nothing was taken.</returns>
    internal bool TrySend(ReadOnlySpan<byte> frames, bool always = false) => TrySend(frames, always, null);

    /// <summary>Sends frames that other clients get too.</summary>
    internal bool TrySend(SharedFrames frames) => TrySend(frames.Span, false, frames);

    private static int Descriptor(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return (int)socket.Handle;
    }

    private bool TrySend(ReadOnlySpan<byte> frames, bool always, SharedFrames? shared)
    {
        if (_isClosed || _peerGone)
            return false;
        int sent = 0;
        if (_output.Length == 0)
            sent = Send(frames);
        else if (!always && _output.Length + frames.Length > _limits.MaxOutputBytes)
            return false;
        if (sent >= 0 && sent < frames.Length && shared is not null && _output.Length == 0)
            _output.Share(shared.Keep(), sent);
        else if (sent >= 0 && sent < frames.Length)
            _output.Append(frames[sent..]);
        Arrange();
        return sent >= 0 && !_peerGone;
    }

    // Most of a long reply has to be kept anyway: it is copied once, and not through memory that the garbage collector has to find.
    private bool SendLong(ReadOnlySpan<byte> parameters, bool continues)
    {
        if (_isClosed || _peerGone)
            return false;
        ReplyFrame.Write(_output, parameters, continues);
        Flush();
        Arrange();
        return !_peerGone;
    }

    private void Flush()
    {
        int sent = Send(_output.Span);
        if (sent > 0)
            _output.Consume(sent);
        _progress += Math.Max(0, sent);
    }

    private int Send(ReadOnlySpan<byte> bytes)
    {
        // Not through Socket, which does the same with ten more calls: every event passes here last.
        int sent = SocketCalls.Send(_descriptor, bytes);
        if (sent >= 0)
            return sent;
        if (LibC.errno == LibC.EAGAIN || LibC.errno == LibC.EINTR)
            return 0;
        SetPeerGone();
        return -1;
    }

    private void SetPeerGone()
    {
        _peerGone = true;
        _output.Clear();
    }

    private static ArrayBufferWriter<byte> Scratch()
    {
        if (_scratch is null || _scratch.Capacity > ScratchKept)
            _scratch = new ArrayBufferWriter<byte>(4096);
        _scratch.ResetWrittenCount();
        return _scratch;
    }
}
