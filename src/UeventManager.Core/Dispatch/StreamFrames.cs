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
    /// <param name="next">Writes the next device and returns true, or returns false.</param>
    /// <param name="cursor">Where the stream of events stands; in the last reply.</param>
    public static IEnumerable<byte[]> State(Func<IBufferWriter<byte>, bool> next, Cursor cursor) =>
        Pages("{\"parameters\":{\"state\":[", next, "]},\"continues\":true}\0", $"],\"ready\":true,\"cursor\":\"{cursor}\"}},\"continues\":true}}\0");

    /// <summary>Packs devices into the parameters of <c>List</c>'s replies, without their envelope.</summary>
    /// <param name="next">Writes the next device and returns true, or returns false.</param>
    /// <param name="cursor">Where the stream of events stands.</param>
    public static IEnumerable<byte[]> List(Func<IBufferWriter<byte>, bool> next, Cursor cursor) =>
        Pages("{\"devices\":[", next, "]}", $"],\"cursor\":\"{cursor}\"}}");

    private static IEnumerable<byte[]> Pages(string head, Func<IBufferWriter<byte>, bool> next, string tail, string lastTail)
    {
        var start = Encoding.UTF8.GetBytes(head);
        var end = Encoding.UTF8.GetBytes(tail);
        var buffer = new ArrayBufferWriter<byte>(4096);
        var one = new ArrayBufferWriter<byte>(1024);
        buffer.Write(start);
        var any = false;
        while (next(one))
        {
            if (any && buffer.WrittenCount + one.WrittenCount + 64 > MaxStateBytes)
            {
                buffer.Write(end);
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
        buffer.Write(Encoding.UTF8.GetBytes(lastTail));
        yield return buffer.WrittenSpan.ToArray();
    }
}
