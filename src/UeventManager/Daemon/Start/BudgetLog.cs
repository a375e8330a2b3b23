
namespace UeventManager.Daemon.Start;

/// <summary>Logs who loses a connection because too many bytes were held: once for each user, as it goes on as long as that user does.</summary>
internal sealed class BudgetLog(DaemonLog log)
{
    private const int MostUsers = 64;
    private readonly HashSet<uint> _logged = [];

    /// <summary>Takes one.</summary>
    public void Take(PeerCredentials peer, long limit)
    {
        if (_logged.Count < MostUsers && _logged.Add(peer.Uid))
            log.OverBudget(peer.Pid, peer.Uid, limit >> 20);
    }
}
