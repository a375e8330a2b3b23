namespace UeventManager.Varlink;

/// <summary>
/// Counts connections and bytes by user and enforces the limits, so that no user takes what others need, and none takes what root and the daemon's
/// own user need to find and end that user's connections.
/// </summary>
/// <param name="limits">The limits.</param>
/// <param name="isPrivileged">Decides for which clients connections are reserved.</param>
internal sealed class UidAccounts(VarlinkLimits limits, Func<PeerCredentials, bool> isPrivileged)
{
    private readonly Dictionary<uint, UidAccount> _accounts = [];
    private int _connections;
    private int _others;
    private long _bytes;

    /// <summary>The number of connections closed because too many bytes were held.</summary>
    public long OverBudget { get; private set; }

    /// <summary>The bytes that all connections hold.</summary>
    public long HeldBytes => _accounts.Values.Sum(account => account.Bytes);

    /// <summary>Called when a connection is closed because it holds too many bytes, with its client and the limit.</summary>
    public Action<PeerCredentials, long>? Overdrawn { get; set; }

    /// <summary>Checks whether one more connection is allowed.</summary>
    /// <param name="peer">The client.</param>
    /// <returns>The limit that is reached; 0 if the connection is allowed.</returns>
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

    /// <summary>Removes a connection, which then holds nothing any more.</summary>
    public void Leave(VarlinkConnection connection, UidAccount account)
    {
        if (!account.Connections.Remove(connection))
            return;
        _connections--;
        _others -= account.IsPrivileged ? 0 : 1;
        if (account.Connections.Count == 0)
            _accounts.Remove(account.Uid);
    }

    /// <summary>Counts bytes; beyond a limit the connection that holds most must free its bytes.</summary>
    /// <param name="account">The user's account.</param>
    /// <param name="more">The number of additional bytes; negative for fewer.</param>
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
