using System.Text.Json;

namespace UeventManager.Client.Testing;

/// <summary>The daemon's end of one connection: calls come in one after another, as they are answered.</summary>
internal sealed class InMemoryConnection(InMemoryDaemon daemon, DuplexStream stream)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the connection is closed by either side.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Reads calls until the client goes. Also while one is answered: so that a stream ends with its client.</summary>
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
            // The client went, or sent what is not a call: the daemon closes such a connection too.
        }
        daemon.Forget(this);
        Close();
    }

    /// <summary>Sends a frame. Never waits: what the client does not read is kept.</summary>
    public void Send(byte[] frame)
    {
        try
        {
            stream.Write(frame, 0, frame.Length);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The client went, which its reader will find out.
        }
    }

    /// <summary>Cuts the connection: the client has what was sent, and then the end.</summary>
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
