using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tmds.Linux;

namespace UeventManager.Udev;

/// <summary>
/// The socket <c>io.systemd.Udev</c> in udev's directory, where udevadm of systemd 262 and later asks whether all earlier events were sent
/// (<c>io.systemd.service.Ping</c>). udevd's other methods (to exit, to reload its rules) are refused: there are no rules, and no udevd.
/// </summary>
internal sealed class UdevVarlink : IDisposable
{
    // A call has a method and few parameters; further clients wait to be accepted.
    private const int MaxCall = 64 * 1024;
    private const int Waiting = 16;
    private const int PatienceMsec = 2000;

    private readonly Socket _listener;

    private UdevVarlink(Socket listener) => _listener = listener;

    /// <summary>Creates the socket, replacing an unanswered one.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static UdevVarlink Listen(string path) => new(UdevControl.ListenAt(path, LibC.SOCK_STREAM, Waiting));

    /// <summary>True if a forwarder of this program answers at a path instead of udevd.</summary>
    public static bool IsForwarder(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = PatienceMsec, SendTimeout = PatienceMsec };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send("{\"method\":\"org.varlink.service.GetInfo\"}\0"u8);
            var reply = new byte[MaxCall];
            for (int length = 0, count; (count = socket.Receive(reply.AsSpan(length))) > 0;)
            {
                length += count;
                if (reply.AsSpan(0, length).Contains((byte)0))
                    return reply.AsSpan(0, length).IndexOf("\"vendor\":\"UeventManager\""u8) >= 0;
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // No process answers, or it does not speak Varlink.
        }
        return false;
    }

    /// <summary>Serves clients.</summary>
    /// <param name="settle">Completes once all earlier events are sent.</param>
    /// <param name="cancel">Ends serving.</param>
    public async Task ServeAsync(Func<CancellationToken, Task> settle, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            Socket client = await UdevControl.AcceptAsync(_listener, cancel).ConfigureAwait(false);
            _ = AnswerAsync(client, settle, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static async Task AnswerAsync(Socket client, Func<CancellationToken, Task> settle, CancellationToken cancel)
    {
        using (client)
        {
            try
            {
                var buffer = new byte[MaxCall];
                for (var length = 0; length < buffer.Length;)
                {
                    var count = await client.ReceiveAsync(buffer.AsMemory(length), cancel).ConfigureAwait(false);
                    if (count == 0)
                        return;
                    length += count;
                    for (var end = Array.IndexOf(buffer, (byte)0, 0, length); end >= 0; end = Array.IndexOf(buffer, (byte)0, 0, length))
                    {
                        if (await ReplyToAsync(buffer.AsMemory(0, end), settle, cancel).ConfigureAwait(false) is { } reply)
                            await client.SendAsync(reply, cancel).ConfigureAwait(false);
                        length -= end + 1;
                        buffer.AsSpan(end + 1, length).CopyTo(buffer);
                    }
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or IOException or JsonException)
            {
                // The client closed, or does not speak Varlink: close the connection.
            }
        }
    }

    // Null if no reply is expected.
    private static async Task<byte[]?> ReplyToAsync(ReadOnlyMemory<byte> call, Func<CancellationToken, Task> settle, CancellationToken cancel)
    {
        using var document = JsonDocument.Parse(call);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("method"u8, out var named) || named.ValueKind != JsonValueKind.String)
            throw new JsonException("a call without a method");
        var method = named.GetString()!;
        if (method == "io.systemd.service.Ping")
            await settle(cancel).ConfigureAwait(false);
        var text = method switch
        {
            "io.systemd.service.Ping" => "{\"parameters\":{}}",
            "org.varlink.service.GetInfo" => """{"parameters":{"vendor":"UeventManager","product":"ueventctl forward","version":"1","url":"","interfaces":["org.varlink.service","io.systemd.service","io.systemd.Udev"]}}""",
            _ when method.StartsWith("io.systemd.Udev.", StringComparison.Ordinal) || method.StartsWith("io.systemd.service.", StringComparison.Ordinal) =>
                """{"error":"org.varlink.service.PermissionDenied","parameters":{}}""",
            _ => $$$"""{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"{{{JsonEncodedText.Encode(method)}}}"}}""",
        };
        var isOneway = document.RootElement.TryGetProperty("oneway"u8, out var oneway) && oneway.ValueKind == JsonValueKind.True;
        return isOneway ? null : Encoding.UTF8.GetBytes(text + '\0');
    }
}
