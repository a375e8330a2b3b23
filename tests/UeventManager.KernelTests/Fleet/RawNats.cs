using System.Net;
using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>A client of the server that speaks its protocol by hand: nothing of the project's own is between it and the server.</summary>
public sealed class RawNats : IDisposable
{
    private readonly Socket _socket;
    private readonly StringBuilder _text = new();
    private int _number;

    public RawNats(Sandbox sandbox, string? user = null, string? password = null, string inbox = "_INBOX")
        : this(sandbox.OpenSocketInside(() => Connect(4222)), user, password, inbox)
    {
    }

    /// <summary>One of a server outside of any sandbox.</summary>
    public RawNats(int port)
        : this(Connect(port), null, null, "_INBOX")
    {
    }

    private RawNats(Socket socket, string? user, string? password, string inbox)
    {
        _socket = socket;
        Inbox = $"{inbox}.raw{Guid.NewGuid():N}";
        _socket.ReceiveTimeout = (int)Deadline.Default.Remaining.TotalMilliseconds;
        var login = user is null ? "" : $",\"user\":\"{user}\",\"pass\":\"{password}\"";
        Send($"CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true{login}}}\r\nSUB {Inbox}.* 1\r\n");
        Sync();
    }

    /// <summary>What answers come below.</summary>
    public string Inbox { get; }

    /// <summary>Publishes, and returns what the server says of it: an answer, or an error of permissions.</summary>
    public string Ask(string subject, string payload)
    {
        var reply = $"{Inbox}.{++_number}";
        var before = _text.Length;
        Send($"PUB {subject} {reply} {Encoding.UTF8.GetByteCount(payload)}\r\n{payload}\r\n");
        return WaitFor(before, text => text.Contains($"MSG {reply} ", StringComparison.Ordinal) || text.Contains("-ERR", StringComparison.Ordinal));
    }

    /// <summary>Publishes, and lets the server answer to a subject that this client may not publish to itself.</summary>
    public void Tell(string subject, string payload, string answerTo)
    {
        Send($"PUB {subject} {answerTo} {Encoding.UTF8.GetByteCount(payload)}\r\n{payload}\r\n");
        Assert.DoesNotContain("-ERR", Sync(), StringComparison.Ordinal);
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    // What was sent before is then carried out, or refused.
    private string Sync()
    {
        var before = _text.Length;
        Send("PING\r\n");
        return WaitFor(before, text => text.Contains("PONG", StringComparison.Ordinal));
    }

    private string WaitFor(int from, Func<string, bool> isThere)
    {
        var buffer = new byte[16384];
        while (!(isThere(_text.ToString(from, _text.Length - from)) && _text[^1] == '\n'))
        {
            var count = _socket.Receive(buffer);
            Assert.True(count > 0, $"the server closed the connection: {_text.ToString(from, _text.Length - from)}");
            _text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        return _text.ToString(from, _text.Length - from);
    }

    private void Send(string text) => _socket.Send(Encoding.UTF8.GetBytes(text));
}
