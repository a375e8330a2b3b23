using System.Runtime.InteropServices;

namespace UeventManager.Daemon.Start;

/// <summary>
/// Handles the signals that request an orderly end, from the program's first statement to its exit. No handler is ever removed: before the exit a
/// further signal would then kill the process and lose its hand-over.
/// </summary>
internal static class ProcessSignals
{
    // timeout(1) and a terminal's Ctrl-C signal a process twice: by itself and with its group. That is one request.
    private static readonly TimeSpan SameRequest = TimeSpan.FromSeconds(1);

    private static readonly CancellationTokenSource Source = new();
    private static readonly List<PosixSignalRegistration> Handlers = [];
    private static readonly Lock Hanging = new();
    private static Action? _hungUp;
    private static bool _hasHungUp;
    private static long _askedAt;

    /// <summary>Cancelled by the first SIGINT or SIGTERM. Its callbacks run on the thread pool.</summary>
    public static CancellationToken Asked => Source.Token;

    /// <summary>
    /// True for a service: SIGHUP does not end it, and no further signal kills it before its hand-over is written. For a hanging service a service
    /// manager has SIGKILL.
    /// </summary>
    public static bool IsService { get; set; }

    /// <summary>Sets the action for SIGHUP in a service. An earlier SIGHUP is made up for.</summary>
    public static void OnHangUp(Action hungUp)
    {
        bool before;
        lock (Hanging)
        {
            _hungUp = hungUp;
            (before, _hasHungUp) = (_hasHungUp, false);
        }
        if (before)
            hungUp();
    }

    /// <summary>Installs the handlers.</summary>
    /// <param name="mayBeService">True if the process may become a service: it counts as one until <see cref="IsService"/> is set.</param>
    public static void Listen(bool mayBeService)
    {
        IsService = mayBeService;
        Handlers.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, End));
        Handlers.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, End));
        if (!mayBeService)
            return;
        Handlers.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End));
        Handlers.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp));
    }

    private static void End(PosixSignalContext signal)
    {
        var now = TimeProvider.System.GetTimestamp();
        var first = Interlocked.CompareExchange(ref _askedAt, now, 0);
        // The second request kills a command: a person wants it to end, however long an orderly end takes.
        signal.Cancel = first == 0 || IsService || TimeProvider.System.GetElapsedTime(first, now) < SameRequest;
        // Not in this handler: an exception of a callback would end the process.
        if (first == 0)
            _ = Source.CancelAsync();
    }

    private static void HangUp(PosixSignalContext signal)
    {
        signal.Cancel = IsService;
        Action? hungUp;
        lock (Hanging)
        {
            hungUp = _hungUp;
            _hasHungUp |= hungUp is null;
        }
        hungUp?.Invoke();
    }
}
