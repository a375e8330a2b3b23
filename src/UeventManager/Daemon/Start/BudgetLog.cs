
namespace UeventManager.Daemon.Start;

/// <summary>
/// Logs connections that are closed because they hold too many bytes: once for each user, because that user may connect again and again.
/// </summary>
internal sealed class BudgetLog(DaemonLog log)
{
    private const int MostUsers = 64;
    private readonly HashSet<uint> _logged = [];

    /// <summary>Logs one connection.</summary>
    public void Take(PeerCredentials peer, long limit)
    {
        if (_logged.Count < MostUsers && _logged.Add(peer.Uid))
            log.OverBudget(peer.Pid, peer.Uid, limit >> 20);
    }
}
