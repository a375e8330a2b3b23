namespace UeventManager.KernelTests.Harness;

/// <summary>Sends what looks like a uevent from a port that is not the kernel's, as any process with CAP_NET_ADMIN may.</summary>
public sealed class UeventSpoofer(Sandbox sandbox) : IDisposable
{
    private readonly UeventSocket _socket = UeventSocket.Open(sandbox, groups: 0);

    /// <summary>To everybody who listens to group 1.</summary>
    public void Multicast(string action, string devpath, string subsystem) =>
        _socket.Send(UeventText.Encode(action, devpath, subsystem, "SEQNUM=1"), port: 0, groups: 1);

    /// <summary>To one receiver alone.</summary>
    public void Unicast(uint port, string action, string devpath, string subsystem) =>
        _socket.Send(UeventText.Encode(action, devpath, subsystem, "SEQNUM=1"), port, groups: 0);

    public void Dispose() => _socket.Dispose();
}
