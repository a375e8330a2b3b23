using System.Buffers;
using System.Text;

namespace UeventManager.Core.Dispatch;

/// <summary>The replies of <c>Subscribe</c> and <c>List</c> as bytes, each with its final NUL.</summary>
internal static class StreamFrames
{
    /// <summary>Longest reply that carries more than one device, in bytes.</summary>
    public const int MaxStateBytes = 1024 * 1024;

    public static ReadOnlySpan<byte> EventsStart => "{\"parameters\":{\"events\":["u8;

    public static ReadOnlySpan<byte> ListEnd => "]},\"continues\":true}\0"u8;

    public static byte[] Gap(string reason, long? lost) =>
        Encoding.UTF8.GetBytes($"{{\"parameters\":{{\"gap\":{{\"reason\":\"{reason}\"{(lost is null ? "" : $",\"lost\":{lost}")}}}}},\"continues\":true}}\0");

    public static byte[] Ready(Cursor cursor) =>
        Encoding.UTF8.GetBytes($"{{\"parameters\":{{\"ready\":true,\"cursor\":\"{cursor}\"}},\"continues\":true}}\0");

    /// <summary>Packs devices into replies of at most <see cref="MaxStateBytes"/>.</summary>
    /// <param name="name">Name of the list: <c>state</c> or <c>devices</c>.</param>
    /// <param name="next">Writes the next device and returns true, or returns false.</param>
    /// <param name="lastMembers">What the last reply says besides, beginning with a comma; may be empty.</param>
    /// <param name="lastContinues">Whether the last reply is followed by others.</param>
    public static IEnumerable<byte[]> Devices(string name, Func<IBufferWriter<byte>, bool> next, string lastMembers, bool lastContinues)
    {
        var start = Encoding.UTF8.GetBytes($"{{\"parameters\":{{\"{name}\":[");
        var buffer = new ArrayBufferWriter<byte>(4096);
        var one = new ArrayBufferWriter<byte>(1024);
        buffer.Write(start);
        var any = false;
        while (next(one))
        {
            if (any && buffer.WrittenCount + one.WrittenCount + 64 > MaxStateBytes)
            {
                buffer.Write(ListEnd);
                yield return buffer.WrittenSpan.ToArray();
                buffer.ResetWrittenCount();
                buffer.Write(start);
                any = false;
            }
            if (any)
                buffer.Write(","u8);
            buffer.Write(one.WrittenSpan);
            one.ResetWrittenCount();
            any = true;
        }
        buffer.Write(Encoding.UTF8.GetBytes($"]{lastMembers}}}{(lastContinues ? ",\"continues\":true" : "")}}}\0"));
        yield return buffer.WrittenSpan.ToArray();
    }
}
