using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Tmds.Linux;

namespace UeventManager.Varlink;

/// <summary>
/// Accepts connections and keeps them within the limits. Driven by the poller, on its thread. At a limit a connection is accepted, told
/// <see cref="VarlinkLimits.RefusalError"/> and closed, so that its client learns why.
/// </summary>
internal sealed class VarlinkListener
{
    // Some ten microseconds each, and then it is another connection's turn: the rest stays in the backlog.
    private const int AcceptsPerWakeup = 16;

    private readonly Socket _listening;
    private readonly SocketFile? _file;
    private readonly IPoller _poller;
    private readonly VarlinkDispatcher _dispatcher;
    private readonly VarlinkLimits _limits;
    private readonly HashSet<VarlinkConnection> _connections = [];
    private readonly HashSet<VarlinkConnection> _suspects = [];
    private FileStream? _spare = OpenSpare();
    private bool _isPaused;
    private bool _isClosed;

    /// <summary>Starts to accept.</summary>
    /// <param name="listening">A listening socket: our own (<see cref="ListeningSocket.Open"/>) or systemd's. Closed with this object.</param>
    /// <param name="file">The socket file to remove at <see cref="Close"/>; null if it is not ours.</param>
    /// <param name="poller">What drives it.</param>
    /// <param name="dispatcher">Answers the calls.</param>
    /// <param name="limits">The limits.</param>
    public VarlinkListener(Socket listening, SocketFile? file, IPoller poller, VarlinkDispatcher dispatcher, VarlinkLimits limits)
    {
        ArgumentNullException.ThrowIfNull(listening);
        ArgumentNullException.ThrowIfNull(poller);
        _listening = listening;
        _file = file;
        _poller = poller;
        _dispatcher = dispatcher;
        _limits = limits;
        Accounts = new UidAccounts(limits, dispatcher.IsPrivileged);
        listening.Blocking = false;
        poller.Add((int)listening.Handle, PollEvents.Readable, OnReady);
    }

    /// <summary>Connections that are open.</summary>
    public int Connections => _connections.Count;

    /// <summary>Connections that were refused at a limit, or because the process had no file descriptor left.</summary>
    public long Refused { get; private set; }

    /// <summary>Connections that were closed because their clients took nothing.</summary>
    public long StalledCount { get; private set; }

    /// <summary>Connections that were closed in the middle of a request that did not go on.</summary>
    public long HalfRequestCount { get; private set; }

    /// <summary>Connections that were closed because those of their user, or of all, held too many bytes.</summary>
    public long OverBudgetCount => Accounts.OverBudget;

    /// <summary>Called at <see cref="Close"/> if the socket file cannot be removed: with its path, and why.</summary>
    public Action<string, string>? FileStays { get; set; }

    /// <summary>Called with the client whose connection is closed because it took nothing for <see cref="VarlinkLimits.StallUsec"/>.</summary>
    public Action<PeerCredentials>? Stalled { get; set; }

    /// <summary>Called with the client whose connection is closed because it holds too many bytes, and the limit.</summary>
    public Action<PeerCredentials, long>? Overdrawn
    {
        get => Accounts.Overdrawn;
        set => Accounts.Overdrawn = value;
    }

    /// <summary>True while there is something that <see cref="Sweep"/> might find too old.</summary>
    public bool NeedsSweep => _isPaused || _suspects.Count > 0;

    /// <summary>How long <see cref="Sweep"/> may come too late, in microseconds: a tenth of the shortest time that it measures, and at most a second.</summary>
    public long SweepUsec => Math.Clamp(Math.Min(_limits.StallUsec, _limits.HalfRequestUsec) / 10, 1000, 1_000_000);

    internal UidAccounts Accounts { get; }

    /// <summary>
    /// Closes connections whose clients have taken nothing of what waits for them, or have not gone on with a request, for too long; accepts
    /// again where that failed. To be called now and then.
    /// </summary>
    /// <param name="nowUsec">Now, CLOCK_MONOTONIC.</param>
    public void Sweep(long nowUsec)
    {
        if (_isPaused && !_isClosed)
        {
            _isPaused = false;
            _poller.Change((int)_listening.Handle, PollEvents.Readable);
        }
        foreach (VarlinkConnection connection in _suspects.ToArray())
        {
            Stall stall = connection.CloseIfStalled(nowUsec);
            if (stall == Stall.HalfRequest)
                HalfRequestCount++;
            if (stall != Stall.Unread)
                continue;
            StalledCount++;
            Stalled?.Invoke(connection.Peer);
        }
    }

    /// <summary>Serves a connection that came another way, as one end of a socket pair. The limits do not count it.</summary>
    /// <param name="socket">A connected socket; closed with the connection.</param>
    /// <returns>The connection.</returns>
    public VarlinkConnection Serve(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        socket.Blocking = false;
        int descriptor = (int)socket.Handle;
        var connection = new VarlinkConnection(socket, descriptor, PeerCredentials.Of(descriptor), _poller, _dispatcher, _limits, this);
        _connections.Add(connection);
        return connection;
    }

    internal void Forget(VarlinkConnection connection) => _connections.Remove(connection);

    internal void Suspect(VarlinkConnection connection, bool isSuspect)
    {
        if (isSuspect)
            _suspects.Add(connection);
        else
            _suspects.Remove(connection);
    }

    /// <summary>Stops to accept, removes our socket file and closes every connection.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _poller.Remove((int)_listening.Handle);
        // The file goes first, so that a new client finds no daemon instead of one that never answers.
        if (_file?.Remove() is { } reason)
            FileStays?.Invoke(_file.Path, reason);
        _listening.Dispose();
        _spare?.Dispose();
        foreach (VarlinkConnection connection in _connections.ToArray())
            connection.Close();
    }

    private void OnReady(PollEvents events)
    {
        for (int i = 0; i < AcceptsPerWakeup && !_isClosed && TryAccept(); i++)
        {
        }
    }

    // False if there is nobody, or nothing to accept with.
    private bool TryAccept()
    {
        int descriptor = SocketCalls.Accept((int)_listening.Handle);
        if (descriptor < 0)
        {
            var errno = LibC.errno;
            if (errno == LibC.EMFILE || errno == LibC.ENFILE)
                return AcceptWithSpare();
            // The client went before we came to it: the next one may be there.
            if (errno == LibC.ECONNABORTED || errno == LibC.EINTR)
                return true;
            return errno != LibC.EAGAIN && Pause();
        }
        var socket = new DescriptorHandle(descriptor);
        PeerCredentials? peer = null;
        try
        {
            peer = PeerCredentials.Of(descriptor);
            Admit(socket, peer.Value);
        }
        catch (Exception e)
        {
            socket.Dispose();
            _dispatcher.Turns.CountFailure(peer, e);
        }
        return true;
    }

    private void Admit(DescriptorHandle socket, PeerCredentials peer)
    {
        if (Accounts.LimitFor(peer) is var limit and > 0)
            Refuse(socket, limit);
        else
            _connections.Add(new VarlinkConnection(socket, socket.Descriptor, peer, _poller, _dispatcher, _limits, this, isCounted: true));
    }

    private void Refuse(DescriptorHandle socket, int limit)
    {
        Refused++;
        var frame = new ArrayBufferWriter<byte>();
        ReplyFrame.WriteError(frame, _limits.RefusalError, Encoding.UTF8.GetBytes($"{{\"limit\":{limit}}}"));
        SocketCalls.Send(socket.Descriptor, frame.WrittenSpan);
        socket.Dispose();
    }

    // Without a free descriptor the connection stays in the backlog and the listening socket stays readable: the loop would spin. One
    // descriptor is kept back to accept and drop such clients.
    private bool AcceptWithSpare()
    {
        Refused++;
        _spare?.Dispose();
        _spare = null;
        int descriptor = SocketCalls.Accept((int)_listening.Handle);
        if (descriptor >= 0)
            new DescriptorHandle(descriptor).Dispose();
        _spare = OpenSpare();
        return descriptor >= 0 || Pause();
    }

    // What cannot be accepted keeps the socket readable: it is left alone until the next sweep.
    private bool Pause()
    {
        _isPaused = true;
        _poller.Change((int)_listening.Handle, PollEvents.None);
        return false;
    }

    private static FileStream? OpenSpare()
    {
        try
        {
            return new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
