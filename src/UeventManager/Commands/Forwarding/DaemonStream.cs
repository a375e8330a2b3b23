using System.Net.Sockets;
using System.Text.Json;
using UeventManager.Client;
using UeventManager.Core.Dispatch;
using UeventManager.Netlink;
using DeviceFilter = UeventManager.Client.DeviceFilter;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// One call of <c>Subscribe</c>, read by one thread that waits for nothing else: from the socket's bytes to a reply there is neither another thread nor
/// an object.
/// </summary>
internal sealed class DaemonStream : IDisposable
{
    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly FrameBuffer _buffer = new(64 << 10);
    private bool _isWaiting;

    private DaemonStream(Socket socket) => (_socket, _descriptor) = (socket, (int)socket.Handle);

    /// <summary>The process that listens, as the kernel knows it; 0 if it is none that can be seen here.</summary>
    public int ListenerPid => PeerCredentials.Of(_descriptor).Pid;

    /// <summary>True if everything that came has been read and used, and its reader waits for more.</summary>
    public bool IsDrained => Volatile.Read(ref _isWaiting) && !SocketWait.Readable(_descriptor, 0) && Volatile.Read(ref _isWaiting);

    /// <summary>Connects to the daemon.</summary>
    /// <param name="path">Its socket; null for what is found.</param>
    /// <exception cref="DaemonUnreachableException">Nobody listens there.</exception>
    public static DaemonStream Connect(string? path)
    {
        path ??= SocketPath.Find();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new DaemonStream(socket);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw DaemonUnreachableException.At(path, e);
        }
    }

    /// <summary>Asks for events.</summary>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="cursor">Where to resume; empty for the state.</param>
    public void Subscribe(DeviceFilter? filter, ReadOnlySpan<byte> cursor)
    {
        var request = new ByteBuffer(512);
        using (var json = new Utf8JsonWriter(request))
        {
            json.WriteStartObject();
            json.WriteString("method"u8, "org.ueventmanager.Devices.Subscribe"u8);
            json.WriteBoolean("more"u8, true);
            json.WriteStartObject("parameters"u8);
            if (filter is not null)
            {
                json.WritePropertyName("filter"u8);
                JsonSerializer.Serialize(json, filter, WireJson.Default.DeviceFilter);
            }
            if (!cursor.IsEmpty)
                json.WriteString("cursor"u8, cursor);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        request.Append((byte)0);
        try
        {
            _socket.Send(request.Written);
        }
        catch (SocketException)
        {
            // A service that refuses a connection says why before it closes it: the reply is still there to be read.
        }
    }

    /// <summary>The next reply without its NUL, valid until the next one is asked for.</summary>
    /// <exception cref="DaemonUnreachableException">There will be none.</exception>
    public ReadOnlyMemory<byte> Next()
    {
        while (true)
        {
            if (_buffer.TryTake(out ReadOnlyMemory<byte> frame))
                return frame;
            _buffer.Advance(Receive(_buffer.Room().Span));
        }
    }

    /// <summary>Ends a wait for the next reply, from another thread.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private int Receive(Span<byte> room)
    {
        int count = SocketCalls.ReceiveNext(_descriptor, room, ref _isWaiting);
        return count > 0
            ? count
            : throw new DaemonUnreachableException(count == 0 ? "the daemon closed the connection (was it stopped or restarted?)" : "the connection to the daemon was lost (is it still running?)");
    }
}
