using System.Net.Sockets;
using System.Text.Json;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// A Varlink client of nothing but a socket and a JSON parser: JSON objects, each with a final NUL. Independent of the product's client
/// on purpose, so that the two cannot be wrong together.
/// </summary>
public sealed class VarlinkProbe : IDisposable
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 2048 };

    public const string Devices = "org.ueventmanager.Devices.";
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly VarlinkFrames _frames;
    private readonly bool _checked;
    private string? _method;

    private VarlinkProbe(bool check)
    {
        _frames = new VarlinkFrames(_socket);
        _checked = check;
    }

    /// <summary>Connects, or throws SocketException at once. Every reply to a call is checked against the interface files of the source.</summary>
    public static VarlinkProbe Connect(string path) => Connect(path, check: true);

    /// <summary>The same to a service whose replies are not a daemon's.</summary>
    public static VarlinkProbe ConnectToStub(string path) => Connect(path, check: false);

    private static VarlinkProbe Connect(string path, bool check)
    {
        var probe = new VarlinkProbe(check);
        try
        {
            probe._socket.Connect(new UnixDomainSocketEndPoint(path));
            return probe;
        }
        catch
        {
            probe.Dispose();
            throw;
        }
    }

    /// <summary>Connects, or null where nobody listens yet.</summary>
    public static VarlinkProbe? TryConnect(string path)
    {
        try
        {
            return Connect(path);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Calls and returns the parameters of the one reply. An error fails the test.</summary>
    public JsonElement Call(string method, object? parameters = null, Deadline? deadline = null)
    {
        Send(method, parameters, more: false);
        return Read(method, deadline ?? Deadline.Default).Parameters;
    }

    /// <summary>Calls a method that must answer with an error, and returns its name and parameters.</summary>
    public VarlinkReply CallForError(string method, object? parameters = null, Deadline? deadline = null)
    {
        Send(method, parameters, more: false);
        var reply = ReadReply(method, deadline ?? Deadline.Default);
        Assert.True(reply.Error is not null, $"{method} should have failed, and answered {reply.Parameters}");
        return reply;
    }

    /// <summary>The same for a call with further members, or without what it needs.</summary>
    public VarlinkReply CallForError(string method, string message)
    {
        _method = method;
        SendRaw(System.Text.Encoding.UTF8.GetBytes(message + "\0"));
        var reply = ReadReply(method, Deadline.Default);
        Assert.True(reply.Error is not null, $"{message} should have failed, and was answered with {reply.Parameters}");
        return reply;
    }

    /// <summary>Calls with <c>more</c> and collects the replies until the last.</summary>
    public IReadOnlyList<JsonElement> CallMore(string method, object? parameters = null, Deadline? deadline = null)
    {
        var until = deadline ?? Deadline.Default;
        Send(method, parameters, more: true);
        var replies = new List<JsonElement>();
        while (true)
        {
            var reply = Read(method, until);
            replies.Add(reply.Parameters);
            if (!reply.Continues)
                return replies;
        }
    }

    /// <summary>Sends a call; with <paramref name="more"/> several replies may follow.</summary>
    public void Send(string method, object? parameters, bool more)
    {
        _method = method;
        var call = more
            ? JsonSerializer.SerializeToUtf8Bytes(new { method, parameters = parameters ?? new { }, more }, Deep)
            : JsonSerializer.SerializeToUtf8Bytes(new { method, parameters = parameters ?? new { } }, Deep);
        SendRaw([.. call, 0]);
    }

    /// <summary>Sends bytes as they are, for what no client should send.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>The next reply, which must not be an error.</summary>
    public VarlinkReply Read(string what, Deadline deadline)
    {
        var reply = ReadReply(what, deadline);
        Assert.True(reply.Error is null, $"{what} failed: {reply.Error} {reply.Parameters}");
        return reply;
    }

    /// <summary>The next reply, whatever it is.</summary>
    public VarlinkReply ReadReply(string what, Deadline deadline)
    {
        var frame = _frames.Next(deadline);
        Assert.True(frame is not null, $"{what}: the connection was closed");
        if (_checked && _method is not null)
            DeclaredReply.Check(_method, frame.Value);
        return VarlinkReply.From(frame.Value);
    }

    /// <summary>The next reply, or null once the other side has closed the connection.</summary>
    public VarlinkReply? TryReadReply(Deadline deadline)
    {
        if (_frames.Next(deadline) is not { } frame)
            return null;
        if (_checked && _method is not null)
            DeclaredReply.Check(_method, frame);
        return VarlinkReply.From(frame);
    }

    /// <summary>Waits until there is something to read, the connection's end included; false at the deadline.</summary>
    public bool HasReply(Deadline deadline) => _frames.HasFrame || Syscalls.WaitReadable((int)_socket.Handle, deadline);

    /// <summary>True once the other side has closed the connection and nothing is left to read.</summary>
    public bool IsClosed(Deadline deadline) => _frames.Next(deadline) is null;

    public void Dispose() => _socket.Dispose();
}
