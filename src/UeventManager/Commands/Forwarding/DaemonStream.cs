using System.Net.Sockets;
using System.Text.Json;
using UeventManager.Client;
using UeventManager.Core.Dispatch;
using UeventManager.Netlink;
using DeviceFilter = UeventManager.Client.DeviceFilter;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// One call of <c>Subscribe</c>, read by a thread that does nothing else: no other thread and no allocation stands between the socket's bytes and a
/// reply.
/// </summary>
internal sealed class DaemonStream : IDisposable
{
    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly FrameBuffer _buffer = new(64 << 10);
    private bool _isWaiting;

    private DaemonStream(Socket socket) => (_socket, _descriptor) = (socket, (int)socket.Handle);

    /// <summary>The pid of the listening process; 0 if it is not visible here.</summary>
    public int ListenerPid => PeerCredentials.Of(_descriptor).Pid;

    /// <summary>True if everything received has been read and used, and the reader waits for more.</summary>
    public bool IsDrained => Volatile.Read(ref _isWaiting) && !SocketWait.Readable(_descriptor, 0) && Volatile.Read(ref _isWaiting);

    /// <summary>Connects to the daemon.</summary>
    /// <param name="path">Its socket; null for the default search.</param>
    /// <exception cref="DaemonUnreachableException">No daemon listens there.</exception>
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

    /// <summary>Subscribes to events.</summary>
    /// <param name="filter">Selects events; null for all.</param>
    /// <param name="cursor">The cursor to resume at; empty for the state.</param>
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
            // A daemon that refuses a connection sends the reason before it closes it, so the reply can still be read.
        }
    }

    /// <summary>Waits for the next reply. It comes without its NUL and is valid until the next call.</summary>
    /// <exception cref="DaemonUnreachableException">The connection has ended.</exception>
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
