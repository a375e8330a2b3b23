using System.Net.Sockets;

namespace UeventManager.Client;

/// <summary>A Unix socket whose asynchronous reads and writes block: all in the calling thread.</summary>
internal sealed class BlockingStream : NetworkStream
{
    private BlockingStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
    }

    /// <summary>Connects to a Unix socket.</summary>
    /// <param name="path">The socket file.</param>
    /// <returns>The connected stream.</returns>
    /// <exception cref="DaemonUnreachableException">Nobody listens there, or one may not connect.</exception>
    public static BlockingStream Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new BlockingStream(socket);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw DaemonUnreachableException.At(path, e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (cancellationToken.UnsafeRegister(static state => ((BlockingStream)state!).End(), this))
        {
            int count = Read(buffer.Span);
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(count);
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (cancellationToken.UnsafeRegister(static state => ((BlockingStream)state!).End(), this))
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }

    // Wakes whoever is blocked in it: recv(2) returns 0, send(2) fails.
    private void End()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }
    }
}
