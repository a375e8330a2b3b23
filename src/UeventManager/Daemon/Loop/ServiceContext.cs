using System.Globalization;
using UeventManager.Systemd;

namespace UeventManager.Daemon.Loop;

/// <summary>What the service manager gave this process, where there is one.</summary>
/// <param name="Passed">Sockets, and what the run before left.</param>
/// <param name="Notifier">Whom to tell how things are; null if nobody wants to know.</param>
/// <param name="WatchdogUsec">The longest time between two signs of life, in microseconds; 0 if none is expected.</param>
/// <param name="KeepsDescriptors">True if it is known to keep descriptors over a restart.</param>
internal sealed record ServiceContext(PassedDescriptors Passed, ServiceNotifier? Notifier, long WatchdogUsec, bool KeepsDescriptors) : IDisposable
{
    /// <summary>Takes it from the environment: once, at start.</summary>
    public static ServiceContext Take()
    {
        var pid = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        var watched = pid is null || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return new ServiceContext(
            PassedDescriptors.Take(),
            ServiceNotifier.To(Environment.GetEnvironmentVariable(ServiceNotifier.SocketVariable)),
            watched ? Number("WATCHDOG_USEC") : 0,
            // Set by systemd 254 and later; before, whether FileDescriptorStoreMax= allows it is not to be known.
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
