using System.Globalization;
using UeventManager.Systemd;

namespace UeventManager.Daemon.Loop;

/// <summary>What the service manager passed to this process, if there is one.</summary>
/// <param name="Passed">Sockets, and the previous run's hand-over.</param>
/// <param name="Notifier">Notifies the service manager; null if it expects no notifications.</param>
/// <param name="WatchdogUsec">The longest time between two signs of life, in microseconds; 0 if none is expected.</param>
/// <param name="KeepsDescriptors">True if the service manager certainly keeps descriptors over a restart.</param>
internal sealed record ServiceContext(PassedDescriptors Passed, ServiceNotifier? Notifier, long WatchdogUsec, bool KeepsDescriptors) : IDisposable
{
    /// <summary>Reads it from the environment; call it once, at start.</summary>
    public static ServiceContext Take()
    {
        var pid = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        var watched = pid is null || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return new ServiceContext(
            PassedDescriptors.Take(),
            ServiceNotifier.To(Environment.GetEnvironmentVariable(ServiceNotifier.SocketVariable)),
            watched ? Number("WATCHDOG_USEC") : 0,
            // Set by systemd 254 and later; in earlier versions it is unknown whether FileDescriptorStoreMax= allows it.
            Number("FDSTORE") > 0);
    }

    public void Dispose()
    {
        Passed.Dispose();
        Notifier?.Dispose();
    }

    private static long Number(string variable) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
