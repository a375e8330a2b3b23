using System.Net.Sockets;
using Tmds.Linux;

namespace UeventManager.Udev;

/// <summary>
/// The socket <c>control</c> in udev's directory: its existence shows libudev that there is a sender, and <c>udevadm settle</c> (until 261) waits
/// until the connection is closed.
/// </summary>
internal sealed class UdevControl : IDisposable
{
    // struct udev_ctrl_msg_wire of systemd has 280 bytes, of which 16 are the version, then UDEV_CTRL_MAGIC and a type.
    private const int WireBytes = 280;
    private const int MagicAt = 16;
    private const uint Magic = 0xdead1dea;
    private const int MessageBytes = 512;
    private const int Waiting = 16;

    // If this process has no free descriptor, some are soon closed; until then clients wait in the kernel.
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Sockets = ["control", "io.systemd.Udev"];

    private readonly Socket _listener;

    private UdevControl(Socket listener) => _listener = listener;

    /// <summary>The process that answers at a path like udevd: until 261 at a seqpacket socket, later at a Varlink socket.</summary>
    /// <returns>The process that created the socket, 0 if it is not visible from here; null if there is no answer.</returns>
    public static int? AnswererOf(string path) => AnswererOf(path, SocketType.Seqpacket) ?? AnswererOf(path, SocketType.Stream);

    /// <summary>
    /// The process that answers in udev's directory; null if none. udevd 262 answers at io.systemd.Udev, and its control is a link by the absolute path,
    /// which leads elsewhere from another mount namespace.
    /// </summary>
    /// <param name="directory">The directory.</param>
    public static int? AnswererIn(string directory) => Sockets.Select(name => AnswererOf(Path.Combine(directory, name))).FirstOrDefault(static found => found is not null);

    /// <summary>
    /// False if nothing can answer in udev's directory: neither socket exists, or no process listens. True also without permission to ask.
    /// </summary>
    /// <param name="directory">The directory.</param>
    public static bool MayBeAnswered(string directory) =>
        Sockets.Any(name => IsThere(Path.Combine(directory, name), SocketType.Seqpacket) || IsThere(Path.Combine(directory, name), SocketType.Stream));

    /// <summary>True if there is an answer at a path.</summary>
    public static bool IsAnswered(string path) => AnswererOf(path) is not null;

    /// <summary>Creates the socket, replacing an unanswered one.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static UdevControl Listen(string path) => new(ListenAt(path, LibC.SOCK_SEQPACKET, Waiting));

    /// <summary>Creates a socket for this user alone, replacing any file of its name.</summary>
    internal static Socket ListenAt(string path, int type, int backlog)
    {
        File.Delete(path);
        // Not through Socket.Bind, which removes the name at the end: a monitor created while it is missing would never receive anything.
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

    /// <summary>Accepts the next client. A temporary failure ends nothing.</summary>
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

    /// <summary>Serves clients: each connection is closed once its request is fulfilled.</summary>
    /// <param name="settle">Completes once all earlier events are sent.</param>
    /// <param name="cancel">Ends serving.</param>
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

    // If the connection is closed without a message, udevd (257) logs a message of no length. The last message has type 0 (_UDEV_CTRL_END_MESSAGES).
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
            // The peer has closed, or has much to read: in either case it exists.
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
                // The client closed, or waited too long: close the connection, as udevd does at its end.
            }
        }
    }
}
