using System.Net.Sockets;
using System.Text.Json;
using UeventManager.Client;
using UeventManager.Core.Dispatch;
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
    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private volatile bool _isWaiting;

    private DaemonStream(Socket socket) => (_socket, _descriptor) = (socket, (int)socket.Handle);

    /// <summary>The process that listens, as the kernel knows it; 0 if it is none that can be seen here.</summary>
    public int ListenerPid => SocketCalls.PeerPid(_descriptor);

    /// <summary>True if everything that came has been read, and its reader waits for more.</summary>
    public bool IsDrained => _isWaiting && _socket.Available == 0;

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
        int scanned = _start;
        while (true)
        {
            int found = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)0);
            if (found >= 0)
            {
                var frame = new ReadOnlyMemory<byte>(_buffer, _start, scanned + found - _start);
                _start = scanned + found + 1;
                return frame;
            }
            scanned = _end;
            if (_end == _buffer.Length)
                scanned = MakeRoom();
            _end += Receive();
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

    private int Receive()
    {
        _isWaiting = true;
        int count = SocketCalls.ReceiveNext(_descriptor, _buffer.AsSpan(_end));
        _isWaiting = false;
        return count > 0
            ? count
            : throw new DaemonUnreachableException(count == 0 ? "the daemon closed the connection (was it stopped or restarted?)" : "the connection to the daemon was lost (is it still running?)");
    }

    private int MakeRoom()
    {
        int length = _end - _start;
        if (length > FrameStream.MaxFrameBytes)
            throw new VarlinkProtocolException($"The service sent a message longer than {FrameStream.MaxFrameBytes >> 20} MiB.");
        byte[] target = length > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, length);
        return length;
    }
}
