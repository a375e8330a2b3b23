using System.Buffers.Binary;
using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>Makes messages as udevd sends them (device_monitor_send()).</summary>
internal static class UdevDatagram
{
    public static byte[] Of(long seqnum, string action, string devPath, string subsystem, params string[] properties) =>
        Raw(subsystem, properties.FirstOrDefault(p => p.StartsWith("DEVTYPE=", StringComparison.Ordinal))?[8..],
            [$"ACTION={action}", $"DEVPATH={devPath}", $"SUBSYSTEM={subsystem}", $"SEQNUM={seqnum}", .. properties]);

    public static byte[] Raw(string subsystem, string? devType, params string[] entries)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(entries.Select(e => e + "\0")));
        var message = new byte[40 + body.Length];
        "libudev\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), 0xfeedcafe);
        BitConverter.TryWriteBytes(message.AsSpan(12), 40u);
        BitConverter.TryWriteBytes(message.AsSpan(16), 40u);
        BitConverter.TryWriteBytes(message.AsSpan(20), (uint)body.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(24), UdevHash.Of(Encoding.UTF8.GetBytes(subsystem)));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(28), devType is null ? 0 : UdevHash.Of(Encoding.UTF8.GetBytes(devType)));
        body.CopyTo(message, 40);
        return message;
    }
}
