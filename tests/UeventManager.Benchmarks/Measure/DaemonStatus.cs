using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace UeventManager.Benchmarks.Measure;

/// <summary>Asks a daemon how it is.</summary>
internal static class DaemonStatus
{
    /// <summary>The reply of <c>Status</c>.</summary>
    public static JsonElement Of(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send([.. Encoding.UTF8.GetBytes("""{"method":"org.ueventmanager.Devices.Status"}"""), 0]);
        var reply = new List<byte>();
        var part = new byte[65_536];
        while (reply.Count == 0 || reply[^1] != 0)
        {
            var count = socket.Receive(part);
            if (count == 0)
                throw new IOException("Status: no reply");
            reply.AddRange(part.AsSpan(0, count));
        }
        return JsonDocument.Parse(reply.ToArray().AsMemory(0, reply.Count - 1)).RootElement.GetProperty("parameters");
    }

    /// <summary>One of its counters, or null if it has none of that name.</summary>
    public static long? Counter(string path, string name) =>
        Of(path).GetProperty("counters").TryGetProperty(name, out var value) ? value.GetInt64() : null;
}
