using UeventManager.Systemd;

namespace UeventManager.Daemon.Loop;

/// <summary>Shows the service manager that the engine's loop is running: only that loop calls it.</summary>
/// <param name="notifier">Notifies the service manager.</param>
/// <param name="limitUsec">The longest time between two signs, in microseconds.</param>
/// <param name="status">One line for <c>systemctl status</c>.</param>
internal sealed class Watchdog(ServiceNotifier notifier, long limitUsec, Func<string> status)
{
    /// <summary>The time of the next sign, in CLOCK_MONOTONIC microseconds.</summary>
    public long NextUsec { get; private set; }

    /// <summary>Sends a sign if one is due.</summary>
    public void Turn(long nowUsec)
    {
        if (nowUsec < NextUsec)
            return;
        notifier.Alive(status());
        NextUsec = nowUsec + (limitUsec / 2);
    }
}
