using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using UeventManager.Client;
using UeventManager.Commands.Terminal;
using UeventManager.Daemon;
using UeventManager.Varlink;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// <c>record --daemon</c>: makes the daemon send its engine's inputs, and writes them to a file. The replies need no parsing, because each line of
/// the recording is on a line of its own.
/// </summary>
/// <param name="context">The command's context.</param>
/// <param name="to">The file.</param>
internal sealed class DaemonRecording(CommandContext context, Stream to) : IDisposable
{
    private const string Control = "org.ueventmanager.Control.";
    private const int ReceiveBytes = 256 * 1024;
    private const int ShowUsec = 500_000;

    private readonly FrameReader _frames = new();
    private readonly MemoryStream _lines = new();
    private readonly long _startedUsec = Monotonic.NowUsec;
    private long _shownUsec;

    /// <summary>The number of lines written, including the header.</summary>
    public long Lines { get; private set; }

    /// <summary>The number of bytes written.</summary>
    public long Bytes { get; private set; }

    /// <summary>True once the daemon has sent the last reply.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The daemon's reason for the end, if there is one.</summary>
    public string? Why { get; private set; }

    /// <summary>The duration so far, in seconds.</summary>
    public double Seconds => (Monotonic.NowUsec - _startedUsec) / 1e6;

    /// <summary>Records until the time is over, the daemon ends the recording, or it is cancelled.</summary>
    /// <param name="forUsec">The duration in microseconds; null until it is interrupted.</param>
    /// <param name="progress">Called regularly.</param>
    public void Run(long? forUsec, Action progress)
    {
        using var socket = Connect();
        using var ending = context.Cancel.Register(() => _ = EndAsync(socket));
        _ = socket.Send(Encoding.UTF8.GetBytes($"{{\"method\":\"{Control}Record\",\"parameters\":{{{(forUsec is { } usec ? $"\"forUsec\":{usec}" : "")}}},\"more\":true}}\0"));
        var buffer = new byte[ReceiveBytes];
        while (!IsWhole)
        {
            var count = socket.Receive(buffer);
            if (count == 0)
                break;
            _frames.Append(buffer.AsSpan(0, count));
            while (!IsWhole && _frames.TryTake(out var frame))
                Take(frame);
            if (Monotonic.NowUsec - _shownUsec < ShowUsec)
                continue;
            _shownUsec = Monotonic.NowUsec;
            progress();
        }
    }

    public void Dispose() => _lines.Dispose();

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(context.Settings.ConnectPath));
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw DaemonUnreachableException.At(context.Settings.ConnectPath, e);
        }
    }

    // The daemon sends its remaining lines, and then its last reply. The command does not wait long for it.
    private async Task EndAsync(Socket socket)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await using var client = new VarlinkClientConnection(await VarlinkClientConnection.OpenAsync(context.Settings.ConnectPath, patience.Token).ConfigureAwait(false));
            await client.CallAsync(Control + "EndRecording", default, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or DaemonUnreachableException or VarlinkErrorException or OperationCanceledException or SocketException)
        {
            socket.Shutdown(SocketShutdown.Both);
        }
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (!frame.StartsWith("{\"parameters\":{\"lines\":["u8))
            Fail(frame);
        var end = frame.LastIndexOf((byte)']');
        IsWhole = !frame[end..].SequenceEqual("]},\"continues\":true}"u8);
        // From the end of the bracket's line on; each line after the first begins with a comma.
        for (var rest = frame[(frame.IndexOf((byte)'[') + 1)..end].TrimStart((byte)'\n'); !rest.IsEmpty;)
        {
            var line = rest[..(rest.IndexOf((byte)'\n') + 1)];
            rest = rest[line.Length..];
            Add(line[0] == (byte)',' ? line[1..] : line);
        }
        _lines.WriteTo(to);
        to.Flush();
        Bytes += _lines.Length;
        _lines.SetLength(0);
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        Lines++;
        _lines.Write(line);
        if (!line.StartsWith("{\"kind\":\"end\""u8))
            return;
        using var end = JsonDocument.Parse(line.ToArray());
        Why = end.RootElement.TryGetProperty("why"u8, out var why) ? why.GetString() : null;
    }

    private static void Fail(ReadOnlySpan<byte> frame)
    {
        using var reply = JsonDocument.Parse(frame.ToArray());
        using var none = JsonDocument.Parse("{}");
        var error = reply.RootElement.TryGetProperty("error"u8, out var name) ? name.GetString() : null;
        throw new VarlinkErrorException(error ?? "none", reply.RootElement.TryGetProperty("parameters"u8, out var parameters) ? parameters.Clone() : none.RootElement.Clone());
    }

    /// <summary>A summary of the recording, for people.</summary>
    public string Text(string what, string where) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} {Seconds:0.0} s: {Counted.Of(Lines, "line")}, {Bytes / 1024.0:0} KiB to {where}");
}
