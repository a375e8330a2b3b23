using System.Diagnostics;

namespace UeventManager.Varlink;

/// <summary>
/// Whose turn it is: connections that have something to do stand in a queue, and the thread that serves them does so much of it between
/// two other things that nobody else waits for long. By uid in turn, and of a uid one connection after another, so that many connections get
/// no more than one. Privileged clients come first and get half of a turn if others wait too. For one thread.
/// </summary>
internal sealed class VarlinkTurns
{
    /// <summary>What a turn of all connections takes, in microseconds. The last step may go beyond it.</summary>
    public const long TurnUsec = 1000;

    /// <summary>What a connection may use before the next one's turn, in microseconds.</summary>
    public const long StepUsec = 200;

    /// <summary>Calls of a connection that are answered before the next one's turn.</summary>
    public const int CallsPerTurn = 4;

    private readonly Func<PeerCredentials, bool> _isPrivileged;
    private readonly Dictionary<uint, Share> _shares = [];
    private readonly Queue<Share> _first = new();
    private readonly Queue<Share> _others = new();

    internal VarlinkTurns(Func<PeerCredentials, bool> isPrivileged) => _isPrivileged = isPrivileged;

    /// <summary>True while a connection waits for a turn: then <see cref="Run"/> must be called again, without waiting for a socket.</summary>
    public bool HasWork => _first.Count + _others.Count > 0;

    /// <summary>Times that something was thrown while a connection was served; it was closed.</summary>
    public long Failures { get; private set; }

    /// <summary>Called with what was thrown while a connection was served, and whose it was; null if that is not known.</summary>
    public Action<PeerCredentials?, Exception>? Failed { get; set; }

    internal static long NowUsec => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    /// <summary>Serves the waiting connections, for at most about <see cref="TurnUsec"/>.</summary>
    public void Run()
    {
        if (!HasWork)
            return;
        long now = NowUsec;
        long end = now + TurnUsec;
        Pay(_first, _others.Count > 0 ? TurnUsec / 2 : TurnUsec);
        Pay(_others, _first.Count > 0 ? TurnUsec / 2 : TurnUsec);
        now = Serve(_first, now, _others.Count > 0 ? now + (TurnUsec / 2) : end);
        now = Serve(_others, now, end);
        // What the others did not need.
        Serve(_first, now, end);
    }

    internal void Ask(VarlinkConnection connection)
    {
        uint uid = connection.Peer.Uid;
        if (!_shares.TryGetValue(uid, out Share? share))
        {
            Queue<Share> queue = _isPrivileged(connection.Peer) ? _first : _others;
            _shares[uid] = share = new Share(uid);
            queue.Enqueue(share);
        }
        share.Connections.Enqueue(connection);
    }

    internal void CountFailure(PeerCredentials? peer, Exception e)
    {
        Failures++;
        Failed?.Invoke(peer, e);
    }

    // A step that took too long is paid for in the turns that follow.
    private static void Pay(Queue<Share> queue, long usec)
    {
        foreach (Share share in queue)
            share.CreditUsec = Math.Min(TurnUsec, share.CreditUsec + Math.Max(1, usec / queue.Count));
    }

    private long Serve(Queue<Share> queue, long now, long end)
    {
        for (int poor = 0; queue.Count > poor && now < end;)
        {
            Share share = queue.Dequeue();
            if (share.CreditUsec <= 0)
            {
                poor++;
                queue.Enqueue(share);
                continue;
            }
            poor = 0;
            VarlinkConnection connection = share.Connections.Dequeue();
            if (connection.TakeTurn(now + StepUsec))
                share.Connections.Enqueue(connection);
            long before = now;
            now = NowUsec;
            share.CreditUsec -= now - before;
            if (share.Connections.Count > 0)
                queue.Enqueue(share);
            else
                _shares.Remove(share.Uid);
        }
        return now;
    }

    private sealed class Share(uint uid)
    {
        public uint Uid { get; } = uid;

        public Queue<VarlinkConnection> Connections { get; } = new();

        public long CreditUsec { get; set; } = 1;
    }
}
