using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>Datagrams written as text: a line is an entry, and each ends with a NUL.</summary>
internal static class Datagram
{
    public static byte[] Of(string header, params string[] entries) =>
        Encoding.Latin1.GetBytes(string.Concat(entries.Prepend(header).Select(e => e + "\0")));

    /// <summary>The same with ACTION, DEVPATH and SEQNUM as the kernel adds them.</summary>
    public static byte[] Full(string action, string path, params string[] entries) =>
        Of($"{action}@{path}", [$"ACTION={action}", $"DEVPATH={path}", .. entries, "SEQNUM=4711"]);

    public static UeventRejection Parse(byte[] datagram) => UeventParser.TryParse(datagram, out _);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
