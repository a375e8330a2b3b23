using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace UeventManager.Varlink;

/// <summary>
/// Accepts connections and keeps them within the limits. Driven by the poller, on its thread. At a limit a connection is accepted, told
/// <see cref="VarlinkLimits.RefusalError"/> and closed, so that its client learns why.
/// </summary>
public sealed class VarlinkListener
{
    // Some ten microseconds each, and then it is somebody else's turn: the rest stays in the backlog.
    private const int AcceptsPerWakeup = 16;

    private readonly Socket _listening;
    private readonly string? _path;
    private readonly IPoller _poller;
    private readonly VarlinkDispatcher _dispatcher;
    private readonly VarlinkLimits _limits;
    private readonly HashSet<VarlinkConnection> _connections = [];
    private readonly Dictionary<uint, int> _perUid = [];
    private FileStream? _spare = OpenSpare();
    private bool _isPaused;
    private bool _isClosed;

    /// <summary>Starts to accept.</summary>
    /// <param name="listening">A listening socket: our own (<see cref="ListeningSocket.Open"/>) or systemd's. Closed with this object.</param>
    /// <param name="path">The socket file to remove at <see cref="Close"/>; null if it is not ours.</param>
    /// <param name="poller">What drives it.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="limits">The limits.</param>
    public VarlinkListener(Socket listening, string? path, IPoller poller, VarlinkDispatcher dispatcher, VarlinkLimits limits)
    {
        ArgumentNullException.ThrowIfNull(listening);
        ArgumentNullException.ThrowIfNull(poller);
        _listening = listening;
        _path = path;
        _poller = poller;
        _dispatcher = dispatcher;
        _limits = limits;
        listening.Blocking = false;
        poller.Add((int)listening.Handle, PollEvents.Readable, OnReady);
    }

    /// <summary>Connections that are open.</summary>
    public int Connections => _connections.Count;

    /// <summary>Connections that were refused at a limit, or because the process had no file descriptor left.</summary>
    public long Refused { get; private set; }

    /// <summary>Connections that were closed because their clients took nothing.</summary>
    public long StalledCount { get; private set; }

    /// <summary>Called with whoever is closed because it took nothing for <see cref="VarlinkLimits.StallUsec"/>.</summary>
    public Action<PeerCredentials>? Stalled { get; set; }

    /// <summary>Closes connections whose clients have taken nothing of what waits for them for too long.</summary>
    /// <param name="nowUsec">Now, CLOCK_MONOTONIC.</param>
    public void CloseStalled(long nowUsec)
    {
        if (_isPaused)
        {
            _isPaused = false;
            _poller.Change((int)_listening.Handle, PollEvents.Readable);
        }
        foreach (VarlinkConnection connection in _connections.ToArray())
        {
            if (!connection.CloseIfStalled(nowUsec, _limits.StallUsec))
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
        var connection = new VarlinkConnection(socket, _poller, _dispatcher, _limits, closed => _connections.Remove(closed));
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Stops to accept, removes our socket file and closes every connection.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _poller.Remove((int)_listening.Handle);
        // The file goes first: whoever comes now finds no daemon, instead of one that never answers.
        if (_path is not null)
            File.Delete(_path);
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
            return LibC.Errno switch
            {
                LibC.EMFILE or LibC.ENFILE => AcceptWithSpare(),
                // The client went before we came to it: the next one may be there.
                LibC.ECONNABORTED or LibC.EINTR => true,
                LibC.EAGAIN => false,
                _ => Pause(),
            };
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
        int ofUid = _perUid.GetValueOrDefault(peer.Uid);
        if (_connections.Count >= _limits.MaxConnections)
            Refuse(socket, _limits.MaxConnections);
        else if (ofUid >= _limits.MaxConnectionsPerUid)
            Refuse(socket, _limits.MaxConnectionsPerUid);
        else
        {
            _connections.Add(new VarlinkConnection(socket, socket.Descriptor, peer, _poller, _dispatcher, _limits, Forget));
            _perUid[peer.Uid] = ofUid + 1;
        }
    }

    private void Forget(VarlinkConnection connection)
    {
        _connections.Remove(connection);
        uint uid = connection.Peer.Uid;
        if (--_perUid[uid] == 0)
            _perUid.Remove(uid);
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
