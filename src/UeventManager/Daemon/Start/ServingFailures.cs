
namespace UeventManager.Daemon.Start;

/// <summary>
/// Logs what was thrown while a connection was served: once for each kind of exception, as a client that has found one may cause it as
/// often as it likes. Every one is counted.
/// </summary>
internal sealed class ServingFailures(DaemonLog log)
{
    private readonly HashSet<Type> _logged = [];

    /// <summary>Takes one.</summary>
    public void Take(PeerCredentials? peer, Exception error)
    {
        if (_logged.Add(error.GetType()))
            log.ServingFailed(peer?.Pid ?? 0, peer?.Uid ?? 0, error);
    }
}
