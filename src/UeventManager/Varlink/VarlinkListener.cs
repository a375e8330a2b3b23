using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Tmds.Linux;

namespace UeventManager.Varlink;

/// <summary>
/// Accepts connections within the limits, driven by the poller on its thread. At a limit a connection is accepted, gets
/// <see cref="VarlinkLimits.RefusalError"/> and is closed, so that its client learns the reason.
/// </summary>
internal sealed class VarlinkListener
{
    // Each accept takes some ten microseconds; after these, other connections get their turn, and the rest stays in the backlog.
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
    /// <param name="listening">A listening socket, our own (<see cref="ListeningSocket.Open"/>) or systemd's. This object closes it.</param>
    /// <param name="file">The socket file to remove at <see cref="Close"/>; null if it is not ours.</param>
    /// <param name="poller">Drives the listener.</param>
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

    /// <summary>The number of open connections.</summary>
    public int Connections => _connections.Count;

    /// <summary>The number of connections refused at a limit, or because the process had no free file descriptor.</summary>
    public long Refused { get; private set; }

    /// <summary>The number of connections closed because their clients read nothing.</summary>
    public long StalledCount { get; private set; }

    /// <summary>The number of connections closed because of an incomplete request.</summary>
    public long HalfRequestCount { get; private set; }

    /// <summary>The number of connections closed because their user's connections, or all, held too many bytes.</summary>
    public long OverBudgetCount => Accounts.OverBudget;

    /// <summary>Called at <see cref="Close"/> if the socket file cannot be removed, with its path and the reason.</summary>
    public Action<string, string>? FileStays { get; set; }

    /// <summary>Called when a connection is closed because its client read nothing for <see cref="VarlinkLimits.StallUsec"/>.</summary>
    public Action<PeerCredentials>? Stalled { get; set; }

    /// <summary>Called when a connection is closed because it holds too many bytes, with its client and the limit.</summary>
    public Action<PeerCredentials, long>? Overdrawn
    {
        get => Accounts.Overdrawn;
        set => Accounts.Overdrawn = value;
    }

    /// <summary>True while <see cref="Sweep"/> may have something to close.</summary>
    public bool NeedsSweep => _isPaused || _suspects.Count > 0;

    /// <summary>
    /// The allowed delay of <see cref="Sweep"/>, in microseconds: a tenth of the shortest time that it measures, and at most a second.
    /// </summary>
    public long SweepUsec => Math.Clamp(Math.Min(_limits.StallUsec, _limits.HalfRequestUsec) / 10, 1000, 1_000_000);

    internal UidAccounts Accounts { get; }

    /// <summary>
    /// Closes connections whose clients have not read, or not completed a request, for too long; accepts again after a failure. Call it regularly.
    /// </summary>
    /// <param name="nowUsec">Now, in CLOCK_MONOTONIC microseconds.</param>
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

    /// <summary>Serves a connection from another source, such as one end of a socket pair. The limits do not count it.</summary>
    /// <param name="socket">A connected socket; the connection closes it.</param>
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

    /// <summary>Stops accepting, removes our socket file and closes every connection.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _poller.Remove((int)_listening.Handle);
        // The file is removed first, so that a new client finds no daemon instead of one that never answers.
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

    // False if no client waits, or no descriptor is free.
    private bool TryAccept()
    {
        int descriptor = SocketCalls.Accept((int)_listening.Handle);
        if (descriptor < 0)
        {
            var errno = LibC.errno;
            if (errno == LibC.EMFILE || errno == LibC.ENFILE)
                return AcceptWithSpare();
            // The client closed before the accept; another client may wait.
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

    // Without a free descriptor the connection stays in the backlog and the listening socket stays readable, so the loop would spin. One descriptor
    // is kept in reserve to accept and close such clients.
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

    // A connection that cannot be accepted keeps the socket readable: ignore it until the next sweep.
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
