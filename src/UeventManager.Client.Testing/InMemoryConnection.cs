using System.Text.Json;

namespace UeventManager.Client.Testing;

/// <summary>The daemon's end of one connection. It answers calls one after another.</summary>
internal sealed class InMemoryConnection(InMemoryDaemon daemon, DuplexStream stream)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when either side closes the connection.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Reads calls until the client closes. It reads also while a call is being answered, so that a stream ends with its client.</summary>
    public async Task ServeAsync()
    {
        await using var frames = new FrameStream(stream);
        try
        {
            Task<ReadOnlyMemory<byte>?> next = ReadAsync(frames);
            while (await next.ConfigureAwait(false) is { } frame && !Closed.IsCompleted)
            {
                (string method, JsonElement parameters) = Parse(frame);
                next = ReadAsync(frames);
                Task answered = daemon.AnswerAsync(this, method, parameters);
                if (!answered.IsCompleted && await Task.WhenAny(answered, next).ConfigureAwait(false) == next
                    && await next.ConfigureAwait(false) is not null)
                    await answered.ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // The client closed, or sent something that is not a call: the real daemon closes such a connection too.
        }
        daemon.Forget(this);
        Close();
    }

    /// <summary>Sends a frame without waiting: unread bytes are buffered.</summary>
    public void Send(byte[] frame)
    {
        try
        {
            stream.Write(frame, 0, frame.Length);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The client has closed, which the reader will notice.
        }
    }

    /// <summary>Closes the connection: the client reads everything sent before, and then the end.</summary>
    public void Close()
    {
        _closed.TrySetResult();
        stream.EndOutput();
    }

    private static Task<ReadOnlyMemory<byte>?> ReadAsync(FrameStream frames) => frames.ReadAsync(CancellationToken.None).AsTask();

    private static (string Method, JsonElement Parameters) Parse(ReadOnlyMemory<byte> frame)
    {
        using JsonDocument call = JsonDocument.Parse(frame);
        JsonElement parameters = call.RootElement.TryGetProperty("parameters", out JsonElement given) ? given.Clone() : default;
        return (call.RootElement.GetProperty("method").GetString()!, parameters);
    }
}
