using UeventManager.Systemd;

namespace UeventManager.Daemon.Loop;

/// <summary>Shows the service manager that the engine's loop goes round: fed by that loop and by nothing else.</summary>
/// <param name="notifier">Whom to show it.</param>
/// <param name="limitUsec">The longest time between two signs, in microseconds.</param>
/// <param name="status">One line for <c>systemctl status</c>.</param>
internal sealed class Watchdog(ServiceNotifier notifier, long limitUsec, Func<string> status)
{
    /// <summary>When the next sign is due, CLOCK_MONOTONIC.</summary>
    public long NextUsec { get; private set; }

    /// <summary>Gives a sign if one is due.</summary>
    public void Turn(long nowUsec)
    {
        if (nowUsec < NextUsec)
            return;
        notifier.Alive(status());
        NextUsec = nowUsec + (limitUsec / 2);
    }
}
