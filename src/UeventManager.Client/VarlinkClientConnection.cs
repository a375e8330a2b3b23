using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace UeventManager.Client;

/// <summary>A connection to a Varlink service: one call at a time.</summary>
public sealed class VarlinkClientConnection : IAsyncDisposable
{
    private readonly FrameStream _frames;
    private int _busy;

    /// <summary>Takes over a stream.</summary>
    /// <param name="stream">A connected stream; this object closes it.</param>
    public VarlinkClientConnection(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _frames = new FrameStream(stream);
    }

    /// <summary>True if another call can be made: no call is under way, and none was cancelled before its last reply.</summary>
    public bool IsFree => Volatile.Read(ref _busy) == 0;

    /// <summary>Connects to a Unix socket.</summary>
    /// <param name="path">The socket file.</param>
    /// <param name="cancellationToken">Cancels the connect.</param>
    /// <returns>The connected stream.</returns>
    /// <exception cref="DaemonUnreachableException">No process listens there, or the caller may not connect.</exception>
    public static async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or ArgumentException)
                throw DaemonUnreachableException.At(path, e);
            throw;
        }
    }

    /// <summary>Calls a method and receives its one reply.</summary>
    /// <param name="method">The full name of the method.</param>
    /// <param name="parameters">A JSON object in UTF-8; empty for none.</param>
    /// <param name="cancellationToken">Cancels the call; the connection is then unusable.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="VarlinkErrorException">The service answered with an error.</exception>
    /// <exception cref="DaemonUnreachableException">The connection was lost.</exception>
    public async Task<VarlinkReply> CallAsync(string method, ReadOnlyMemory<byte> parameters = default, CancellationToken cancellationToken = default)
    {
        await SendAsync(method, parameters, "", cancellationToken).ConfigureAwait(false);
        try
        {
            VarlinkReply reply = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (reply.Continues)
                throw new VarlinkProtocolException($"The service announced more replies to {method}, which was called without 'more'.");
            Volatile.Write(ref _busy, 0);
            return reply;
        }
        catch (VarlinkErrorException)
        {
            Volatile.Write(ref _busy, 0);
            throw;
        }
    }

    /// <summary>Calls a method with <c>more</c>. To end the call early, dispose of the connection.</summary>
    /// <param name="method">The full name of the method.</param>
    /// <param name="parameters">A JSON object in UTF-8; empty for none.</param>
    /// <param name="cancellationToken">Cancels the call; the connection is then unusable.</param>
    /// <returns>All replies, including the last.</returns>
    /// <exception cref="VarlinkErrorException">The service answered with an error.</exception>
    /// <exception cref="DaemonUnreachableException">The connection was lost.</exception>
    public async IAsyncEnumerable<VarlinkReply> CallMoreAsync(
        string method, ReadOnlyMemory<byte> parameters = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await SendAsync(method, parameters, "more", cancellationToken).ConfigureAwait(false);
        bool continues;
        do
        {
            VarlinkReply reply;
            try
            {
                reply = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (VarlinkErrorException)
            {
                Volatile.Write(ref _busy, 0);
                throw;
            }
            continues = reply.Continues;
            if (!continues)
                Volatile.Write(ref _busy, 0);
            yield return reply;
        }
        while (continues);
    }

    /// <summary>Calls a method that sends no reply, not even an error.</summary>
    /// <param name="method">The full name of the method.</param>
    /// <param name="parameters">A JSON object in UTF-8; empty for none.</param>
    /// <param name="cancellationToken">Cancels the call; the connection is then unusable.</param>
    /// <returns>Completes when the call is sent.</returns>
    public async Task CallOnewayAsync(string method, ReadOnlyMemory<byte> parameters = default, CancellationToken cancellationToken = default)
    {
        await SendAsync(method, parameters, "oneway", cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _busy, 0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _frames.DisposeAsync();

    private async Task SendAsync(string method, ReadOnlyMemory<byte> parameters, string flag, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("A call on this connection is in progress or was cancelled; use another connection.");
        var request = new ArrayBufferWriter<byte>(256 + parameters.Length);
        using (var json = new Utf8JsonWriter(request))
        {
            json.WriteStartObject();
            json.WriteString("method"u8, method);
            if (parameters.Length > 0)
            {
                json.WritePropertyName("parameters"u8);
                json.WriteRawValue(parameters.Span);
            }
            if (flag.Length > 0)
                json.WriteBoolean(flag, true);
            json.WriteEndObject();
        }
        request.Write("\0"u8);
        try
        {
            await _frames.WriteAsync(request.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (flag == "oneway")
        {
            throw new DaemonUnreachableException("the connection to the daemon was lost (is it still running?)", e);
        }
        catch (IOException)
        {
            // A service that refuses a connection sends the reason before it closes the connection: the reply can still be read.
        }
    }

    private async ValueTask<VarlinkReply> ReceiveAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? frame;
        try
        {
            frame = await _frames.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            throw new DaemonUnreachableException("the connection to the daemon was lost (is it still running?)", e);
        }
        return VarlinkReply.Parse(
            frame ?? throw new DaemonUnreachableException("the daemon closed the connection (was it stopped or restarted?)"));
    }
}
