namespace UeventManager.Varlink;

/// <summary>
/// How many connections and bytes each user holds, and what happens at the limits: so that no user takes what all others
/// need, and none takes what root and the daemon's own user need to see and to end it.
/// </summary>
/// <param name="limits">The limits.</param>
/// <param name="isPrivileged">For whom places are kept.</param>
internal sealed class UidAccounts(VarlinkLimits limits, Func<PeerCredentials, bool> isPrivileged)
{
    private readonly Dictionary<uint, UidAccount> _accounts = [];
    private int _connections;
    private int _others;
    private long _bytes;

    /// <summary>Connections that were closed because too many bytes were held.</summary>
    public long OverBudget { get; private set; }

    /// <summary>Bytes that all connections hold.</summary>
    public long HeldBytes => _accounts.Values.Sum(account => account.Bytes);

    /// <summary>Called with the client whose connection is closed because it holds too many bytes, and the limit.</summary>
    public Action<PeerCredentials, long>? Overdrawn { get; set; }

    /// <summary>Whether there is a place for one more connection.</summary>
    /// <param name="peer">Whose.</param>
    /// <returns>The limit that it meets; 0 if there is a place.</returns>
    public int LimitFor(PeerCredentials peer)
    {
        int places = limits.MaxConnections - limits.ReservedConnections;
        if (_connections >= limits.MaxConnections)
            return limits.MaxConnections;
        if (_accounts.TryGetValue(peer.Uid, out UidAccount? account) && account.Connections.Count >= limits.MaxConnectionsPerUid)
            return limits.MaxConnectionsPerUid;
        return _others >= places && !isPrivileged(peer) ? places : 0;
    }

    /// <summary>Counts a connection.</summary>
    public UidAccount Enter(VarlinkConnection connection)
    {
        PeerCredentials peer = connection.Peer;
        if (!_accounts.TryGetValue(peer.Uid, out UidAccount? account))
            _accounts[peer.Uid] = account = new UidAccount(peer.Uid, isPrivileged(peer));
        account.Connections.Add(connection);
        _connections++;
        _others += account.IsPrivileged ? 0 : 1;
        return account;
    }

    /// <summary>Forgets a connection, which holds nothing any more.</summary>
    public void Leave(VarlinkConnection connection, UidAccount account)
    {
        if (!account.Connections.Remove(connection))
            return;
        _connections--;
        _others -= account.IsPrivileged ? 0 : 1;
        if (account.Connections.Count == 0)
            _accounts.Remove(account.Uid);
    }

    /// <summary>Counts bytes; beyond a limit the connection that holds most gives back what it has.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="more">How many more; negative if fewer.</param>
    public void Charge(UidAccount account, long more)
    {
        account.Bytes += more;
        _bytes += account.IsPrivileged ? 0 : more;
        if (more <= 0)
            return;
        while (account.Bytes > limits.MaxBytesPerUid && CloseLargest(account, limits.MaxBytesPerUid))
        {
        }
        while (_bytes > limits.MaxBytes && CloseLargest(_accounts.Values.Where(one => !one.IsPrivileged).MaxBy(one => one.Bytes), limits.MaxBytes))
        {
        }
    }

    private bool CloseLargest(UidAccount? account, long limit)
    {
        if (account?.Connections.MaxBy(connection => connection.ChargedBytes) is not { ChargedBytes: > 0 } largest)
            return false;
        OverBudget++;
        largest.CondemnOverBudget(limit);
        Overdrawn?.Invoke(largest.Peer, limit);
        return true;
    }
}
