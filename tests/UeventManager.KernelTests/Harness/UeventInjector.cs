using System.Buffers.Binary;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// Has the kernel itself send a uevent in the sandbox: <c>uevent_net_rcv_skb()</c> takes one from a process that owns the namespace's
/// user namespace, adds SEQNUM and broadcasts it from port 0 to group 1. To a receiver it is a kernel's in everything but the pid.
/// </summary>
public sealed class UeventInjector(Sandbox sandbox) : IDisposable
{
    private const int HeaderSize = 16;
    private const ushort MessageType = 16;
    private const ushort NLM_F_REQUEST = 1;
    private const ushort NLMSG_ERROR = 2;
    private readonly UeventSocket _socket = UeventSocket.Open(sandbox, groups: 0);

    /// <summary>How many were sent and not refused.</summary>
    public int Sent { get; private set; }

    /// <summary>Sends one. When it returns, the datagram is in the queue of every receiver, or dropped there.</summary>
    public void Send(string action, string devpath, string subsystem, params IReadOnlyList<string> properties)
    {
        var body = UeventText.Encode(action, devpath, subsystem, properties);
        var message = new byte[HeaderSize + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), MessageType);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), NLM_F_REQUEST);
        body.CopyTo(message, HeaderSize);
        _socket.Send(message, port: 0, groups: 0);
        ThrowIfRefused();
        Sent++;
    }

    public void Send(string action, FakeDevice device, params IReadOnlyList<string> properties) =>
        Send(action, device.DevPath, device.Subsystem, properties);

    public void Dispose() => _socket.Dispose();

    private void ThrowIfRefused()
    {
        Span<byte> answer = stackalloc byte[4096];
        var count = _socket.TryReceive(answer, out _);
        if (count < HeaderSize + 4 || BinaryPrimitives.ReadUInt16LittleEndian(answer[4..]) != NLMSG_ERROR)
            return;
        var error = BinaryPrimitives.ReadInt32LittleEndian(answer[HeaderSize..]);
        // ESRCH and ENOBUFS are the receivers': nobody listens, or one of them has lost it.
        if (error is not (0 or -3 or -Syscalls.ENOBUFS))
            throw new IOException($"the kernel refused the uevent: errno {-error}");
    }
}
