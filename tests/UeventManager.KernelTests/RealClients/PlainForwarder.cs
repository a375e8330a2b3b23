using System.Buffers.Binary;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.RealClients;

/// <summary>
/// The least that makes clients of libudev hear of devices: every event of the kernel's in one sandbox is told in another at once, as those forwarders
/// do that people write for their containers. What comes late in sysfs is none of its concern.
/// </summary>
internal sealed class PlainForwarder : IDisposable
{
    private const int HeaderBytes = 40;
    private const int UdevGroups = 2;

    private readonly UeventSocket _hears;
    private readonly UeventSocket _tells;
    private readonly Thread _thread;
    private volatile bool _ends;

    public PlainForwarder(Sandbox from, Sandbox to)
    {
        (_hears, _tells) = (UeventSocket.Open(from, groups: 1), UeventSocket.Open(to, groups: 0));
        _thread = new Thread(Run);
        _thread.Start();
    }

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _hears.Dispose();
        _tells.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[8192];
        while (!_ends)
        {
            if (!_hears.WaitReadable(Deadline.Exactly(TimeSpan.FromMilliseconds(100))))
                continue;
            if (_hears.TryReceive(buffer, out _) is var count and > 0)
                _tells.Send(Message(UeventText.Decode(buffer.AsSpan(0, count))), port: 0, groups: UdevGroups);
        }
    }

    /// <summary>A message as udevd's.</summary>
    internal static byte[] Message(Dictionary<string, string> properties)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(properties.Select(one => $"{one.Key}={one.Value}\0")));
        var message = new byte[HeaderBytes + body.Length];
        "libudev\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), 0xfeedcafe);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(16), HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(20), (uint)body.Length);
        // libvirt filters nothing, so nobody reads the hashes.
        body.CopyTo(message, HeaderBytes);
        return message;
    }
}
