using System.Runtime.InteropServices;

namespace UeventManager.Daemon.Start;

/// <summary>
/// The signals that ask for an orderly end, from the first statement of the program to its exit. No handler is ever taken back: between that and
/// the exit a further signal would kill the process, whatever it still had to hand over.
/// </summary>
internal static class ProcessSignals
{
    // timeout(1) and a terminal's Ctrl-C reach a process twice: by itself and with its group. That is one request, not two.
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
    /// True for a service: SIGHUP does not end it, and no further signal kills it before its hand-over is written. A service manager has SIGKILL for
    /// one that hangs.
    /// </summary>
    public static bool IsService { get; set; }

    /// <summary>What SIGHUP does in a service. One that came before is made up for.</summary>
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

    /// <summary>Begins to listen.</summary>
    /// <param name="mayBeService">True if the process may become a service: until <see cref="IsService"/> is set it is treated as one.</param>
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
        // Of a command the second request kills: a person wants it gone, however long it takes to end.
        signal.Cancel = first == 0 || IsService || TimeProvider.System.GetElapsedTime(first, now) < SameRequest;
        // Not here: what throws in a callback would end the process in a handler of a signal.
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
