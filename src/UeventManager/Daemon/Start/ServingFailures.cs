
namespace UeventManager.Daemon.Start;

/// <summary>
/// Logs exceptions from serving connections: once for each type, because a client that has found one may cause it again and again. Every one is
/// counted.
/// </summary>
internal sealed class ServingFailures(DaemonLog log)
{
    private readonly HashSet<Type> _logged = [];

    /// <summary>Logs one exception.</summary>
    public void Take(PeerCredentials? peer, Exception error)
    {
        if (_logged.Add(error.GetType()))
            log.ServingFailed(peer?.Pid ?? 0, peer?.Uid ?? 0, error);
    }
}
