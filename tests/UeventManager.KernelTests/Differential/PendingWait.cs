using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>A call of Wait that is not answered yet.</summary>
internal sealed class PendingWait : IDisposable
{
    private const long TimeoutUsec = 600_000_000;
    private readonly VarlinkProbe _probe;

    public PendingWait(DaemonProcess daemon, string devpath, string until)
    {
        (DevPath, Until) = (devpath, until);
        _probe = daemon.Connect();
        _probe.Send(VarlinkProbe.Devices + "Wait", new { device = devpath, until, timeoutUsec = TimeoutUsec }, more: false);
    }

    public string DevPath { get; }

    public string Until { get; }

    /// <summary>Whether it is answered by the deadline.</summary>
    public bool IsAnswered(Deadline deadline) => _probe.HasReply(deadline) && _probe.ReadReply("Wait", Deadline.Default) is { };

    public void Dispose() => _probe.Dispose();
}
