using System.Net.Sockets;
using Tmds.Linux;

namespace UeventManager.Udev;

/// <summary>
/// The socket <c>control</c> of udev's directory: its existence tells libudev that there is a sender, and <c>udevadm settle</c> (until 261) waits
/// until it hangs up.
/// </summary>
internal sealed class UdevControl : IDisposable
{
    // struct udev_ctrl_msg_wire of systemd has 280 bytes: 16 of a version, UDEV_CTRL_MAGIC, a type.
    private const int WireBytes = 280;
    private const int MagicAt = 16;
    private const uint Magic = 0xdead1dea;
    private const int MessageBytes = 512;
    private const int Waiting = 16;

    // If this process has no descriptor left, some are soon closed; until then clients wait in the kernel.
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Sockets = ["control", "io.systemd.Udev"];

    private readonly Socket _listener;

    private UdevControl(Socket listener) => _listener = listener;

    /// <summary>What answers at a path, as udevd does: until 261 at a socket of its own kind, later at one of Varlink.</summary>
    /// <returns>The process that made the socket, 0 if it cannot be seen from here; null if nobody answers.</returns>
    public static int? AnswererOf(string path) => AnswererOf(path, SocketType.Seqpacket) ?? AnswererOf(path, SocketType.Stream);

    /// <summary>False if nobody can answer in udev's directory: neither of its sockets is there, or nobody listens. True also if one may not be asked.</summary>
    /// <param name="directory">The directory.</param>
    public static bool MayBeAnswered(string directory) =>
        Sockets.Any(name => IsThere(Path.Combine(directory, name), SocketType.Seqpacket) || IsThere(Path.Combine(directory, name), SocketType.Stream));

    /// <summary>True if there is an answer at a path.</summary>
    public static bool IsAnswered(string path) => AnswererOf(path) is not null;

    /// <summary>Makes the socket, in place of one that nobody answers at.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static UdevControl Listen(string path) => new(ListenAt(path, LibC.SOCK_SEQPACKET, Waiting));

    /// <summary>Makes a socket for this user alone, in place of what has its name.</summary>
    internal static Socket ListenAt(string path, int type, int backlog)
    {
        File.Delete(path);
        // Not by Socket.Bind, which removes the name at the end: a monitor that is made while it is not there would be deaf for ever.
        var handle = new SafeSocketHandle(LibC.socket(LibC.AF_UNIX, type | LibC.SOCK_CLOEXEC, 0), ownsHandle: true);
        var descriptor = (int)handle.DangerousGetHandle();
        var error = handle.IsInvalid ? LibC.errno : SocketCalls.Bind(descriptor, path);
        if (error == 0 && LibC.listen(descriptor, backlog) != 0)
            error = LibC.errno;
        if (error != 0)
        {
            handle.Dispose();
            throw new SystemCallException("bind", path, error);
        }
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new Socket(handle);
    }

    /// <summary>The next client. That none can be taken now ends nothing.</summary>
    internal static async Task<Socket> AcceptAsync(Socket listener, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await listener.AcceptAsync(cancel).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                await Task.Delay(Retry, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Answers clients: each is hung up on once what it asks for is so.</summary>
    /// <param name="settle">Done once everything that came before is told.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task ServeAsync(Func<CancellationToken, Task> settle, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            Socket client = await AcceptAsync(_listener, cancel).ConfigureAwait(false);
            _ = AnswerAsync(client, settle, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static int? AnswererOf(string path, SocketType type)
    {
        using var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            TakeLeave(socket);
            return PeerCredentials.Of((int)socket.Handle).Pid;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsThere(string path, SocketType type)
    {
        using var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            TakeLeave(socket);
            return true;
        }
        catch (SocketException e)
        {
            return e.NativeErrorCode == LibC.EACCES || e.NativeErrorCode == LibC.EPERM || e.NativeErrorCode == LibC.EAGAIN;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // To hang up without a word has udevd (257) complain of a message of no length in its log. Of type 0 (_UDEV_CTRL_END_MESSAGES) is the last one.
    private static void TakeLeave(Socket socket)
    {
        if (socket.SocketType != SocketType.Seqpacket)
            return;
        var last = new byte[WireBytes];
        BitConverter.TryWriteBytes(last.AsSpan(MagicAt), Magic);
        try
        {
            socket.Blocking = false;
            socket.Send(last);
        }
        catch (SocketException)
        {
            // It has gone, or has much to read: that it was there is known.
        }
    }

    private static async Task AnswerAsync(Socket client, Func<CancellationToken, Task> settle, CancellationToken cancel)
    {
        using (client)
        {
            try
            {
                var message = new byte[MessageBytes];
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                patience.CancelAfter(TimeSpan.FromMinutes(3));
                if (await client.ReceiveAsync(message, patience.Token).ConfigureAwait(false) > 0)
                    await settle(patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
            {
                // It went, or asked for longer than anybody waits: hung up on, as udevd does at its end.
            }
        }
    }
}
