using System.Text;

namespace UeventManager.Core.Dispatch;

/// <summary>The replies of <c>Subscribe</c> as bytes, each with its final NUL.</summary>
internal static class StreamFrames
{
    public static ReadOnlySpan<byte> EventsStart => "{\"parameters\":{\"events\":["u8;

    public static ReadOnlySpan<byte> ListEnd => "]},\"continues\":true}\0"u8;

    public static byte[] Gap(string reason, long? lost) =>
        Encoding.UTF8.GetBytes($"{{\"parameters\":{{\"gap\":{{\"reason\":\"{reason}\"{(lost is null ? "" : $",\"lost\":{lost}")}}}}},\"continues\":true}}\0");

    public static byte[] Ready(Cursor cursor) =>
        Encoding.UTF8.GetBytes($"{{\"parameters\":{{\"ready\":true,\"cursor\":\"{cursor}\"}},\"continues\":true}}\0");
}
