using System.Buffers;
using System.Net.Sockets;

namespace UeventManager.Varlink;

/// <summary>
/// A client's connection. It has no thread: the poller drives it, and all members are called on the poller's thread. Calls are answered in
/// order, and the next one is not looked at before the last reply of the one before it has gone to the kernel: so a client that does not
/// read costs at most one call's replies. Handlers and callbacks run inside the poller's callback only.
/// </summary>
public sealed class VarlinkConnection
{
    private const int ReceiveBytes = 64 << 10;
    private const int ScratchKept = 1 << 20;

    // One for a thread, not one for a connection: thousands of idle clients must not cost 64 KiB each.
    [ThreadStatic]
    private static byte[]? receiveBuffer;
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    private readonly Socket socket;
    private readonly IPoller poller;
    private readonly VarlinkDispatcher dispatcher;
    private readonly VarlinkLimits limits;
    private readonly Action<VarlinkConnection>? closed;
    private readonly FrameReader input = new();
    private readonly ByteQueue output = new();
    private PollEvents interest = PollEvents.Readable;
    private VarlinkCall? current;
    private bool processing;
    private bool inputEnded;
    private bool peerGone;
    private bool refused;
    private bool isClosed;

    /// <summary>Takes over a connected stream socket and watches it.</summary>
    /// <param name="socket">The connection; it is closed with this object.</param>
    /// <param name="poller">What drives it.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="closed">Called once when the connection is closed.</param>
    public VarlinkConnection(
        Socket socket, IPoller poller, VarlinkDispatcher dispatcher, VarlinkLimits limits, Action<VarlinkConnection>? closed = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(poller);
        this.socket = socket;
        this.poller = poller;
        this.dispatcher = dispatcher;
        this.limits = limits;
        this.closed = closed;
        socket.Blocking = false;
        Peer = PeerCredentials.Of(socket);
        poller.Add(socket, interest, OnReady);
    }

    /// <summary>Who connected.</summary>
    public PeerCredentials Peer { get; }

    /// <summary>Bytes that wait for the client to read.</summary>
    public int PendingOutputBytes => output.Length;

    private bool IsBusy => current is not null || output.Length > 0;

    private bool WantsInput => !inputEnded && !refused && !(IsBusy && input.Length >= limits.MaxReadAheadBytes);

    /// <summary>Closes the connection. An unfinished call is told by <see cref="VarlinkCall.Closed"/>.</summary>
    public void Close()
    {
        if (isClosed)
            return;
        isClosed = true;
        poller.Remove(socket);
        socket.Dispose();
        input.Clear();
        output.Clear();
        VarlinkCall? call = current;
        current = null;
        call?.RaiseClosed();
        closed?.Invoke(this);
    }

    internal bool SendReply(VarlinkCall call, ReadOnlySpan<byte> parameters, bool continues)
    {
        bool taken = true;
        if (!call.Oneway)
        {
            ArrayBufferWriter<byte> frame = Scratch();
            ReplyFrame.Write(frame, parameters, continues);
            taken = TrySend(frame.WrittenSpan, always: !continues);
        }
        if (!continues)
            Finish(call);
        return taken;
    }

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

    /// <summary>Sends at once what the kernel takes, if nothing waits, and keeps the rest.</summary>
    /// <param name="frames">Whole frames.</param>
    /// <param name="always">True if the bound of the output buffer does not count.</param>
    /// <returns>False if nothing was taken.</returns>
    internal bool TrySend(ReadOnlySpan<byte> frames, bool always = false)
    {
        if (isClosed || peerGone)
            return false;
        int sent = 0;
        if (output.Length == 0)
            sent = Send(frames);
        else if (!always && output.Length + frames.Length > limits.MaxOutputBytes)
            return false;
        if (sent >= 0 && sent < frames.Length)
            output.Append(frames[sent..]);
        UpdateInterest();
        return sent >= 0;
    }

    private void OnReady(PollEvents events)
    {
        if ((events & PollEvents.HangUp) != 0)
            SetPeerGone();
        bool hadOutput = output.Length > 0;
        if (hadOutput && (events & PollEvents.Writable) != 0)
            Flush();
        if (hadOutput && output.Length == 0 && !peerGone)
            current?.Drained?.Invoke();
        bool received;
        do
        {
            received = (peerGone || (events & PollEvents.Readable) != 0) && WantsInput && Receive();
            Process();
        }
        while (peerGone && received && !isClosed); // What a peer that has gone said before is still done: it may be oneway.
        if (isClosed)
            return;
        if (peerGone || (output.Length == 0 && (refused || (inputEnded && current is null))))
            Close();
        else
            UpdateInterest();
    }

    private void Process()
    {
        processing = true;
        while (!isClosed && !refused && !IsBusy && input.TryTake(out ReadOnlySpan<byte> frame))
        {
            if (frame.Length > limits.MaxRequestBytes)
                RefuseTooLong();
            else if (VarlinkRequest.Parse(frame, limits.MaxJsonDepth) is { } request)
                dispatcher.Dispatch(current = new VarlinkCall(this, request));
            else
                Close();
        }
        if (!isClosed && !refused && !IsBusy && input.Length > limits.MaxRequestBytes)
            RefuseTooLong();
        processing = false;
    }

    private void RefuseTooLong()
    {
        refused = true;
        input.Clear();
        ArrayBufferWriter<byte> frame = Scratch();
        ReplyFrame.WriteError(frame, VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "parameters"));
        TrySend(frame.WrittenSpan, always: true);
    }

    private void Finish(VarlinkCall call)
    {
        if (current != call)
            return;
        current = null;
        UpdateInterest();
    }

    private bool Receive()
    {
        Span<byte> buffer = receiveBuffer ??= new byte[ReceiveBytes];
        int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
        if (error is SocketError.WouldBlock or SocketError.Interrupted)
            return false;
        if (count == 0 || error != SocketError.Success)
        {
            // 0 bytes: the peer writes no more, but may still read (shutdown). An error: it is gone.
            inputEnded = true;
            if (error != SocketError.Success)
                SetPeerGone();
            return false;
        }
        input.Append(buffer[..count]);
        return true;
    }

    private void Flush()
    {
        int sent = Send(output.Span);
        if (sent > 0)
            output.Consume(sent);
    }

    private int Send(ReadOnlySpan<byte> bytes)
    {
        int sent = socket.Send(bytes, SocketFlags.None, out SocketError error);
        if (error == SocketError.Success)
            return sent;
        if (error is SocketError.WouldBlock or SocketError.Interrupted)
            return 0;
        SetPeerGone();
        return -1;
    }

    private void SetPeerGone()
    {
        peerGone = true;
        output.Clear();
    }

    // A call that is finished outside the poller's callback, or a peer found gone there, is followed up in the next wake-up: a socket is
    // nearly always writable, so asking for that comes back at once.
    private void UpdateInterest()
    {
        if (processing || isClosed)
            return;
        bool followUp = peerGone || (!IsBusy && (inputEnded || refused || input.HasFrame));
        PollEvents wanted = WantsInput ? PollEvents.Readable : PollEvents.None;
        if (output.Length > 0 || followUp)
            wanted |= PollEvents.Writable;
        if (wanted == interest)
            return;
        interest = wanted;
        poller.Change(socket, wanted);
    }

    private static ArrayBufferWriter<byte> Scratch()
    {
        if (scratch is null || scratch.Capacity > ScratchKept)
            scratch = new ArrayBufferWriter<byte>(4096);
        scratch.ResetWrittenCount();
        return scratch;
    }
}
