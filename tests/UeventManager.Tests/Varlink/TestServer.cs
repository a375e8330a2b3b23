using System.Net.Sockets;
using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>A server with a small interface of its own, on a socket file in a directory of its own.</summary>
internal sealed class TestServer : IDisposable
{
    public const string Interface = """
        interface org.example.test
        type Item (name: string, size: ?int)
        method Echo(text: string, item: ?Item, kind: ?(red, green), many: ?[]Item, map: ?[string]int) -> (text: string)
        method Note(text: string) -> ()
        method Later(n: ?int) -> (n: int)
        method Stream(count: ?int) -> (n: int)
        method Big(bytes: int) -> (text: string)
        method Secret() -> ()
        method Missing() -> ()
        error Refused (why: string)
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("varlink").FullName;

    public TestServer(VarlinkLimits? limits = null, Func<PeerCredentials, bool>? privileged = null)
    {
        Limits = limits ?? new VarlinkLimits();
        Dispatcher = new VarlinkDispatcher(new VarlinkServiceInfo("Example", "Test", "1", "https://example.org"))
        {
            IsPrivileged = privileged ?? (static _ => true),
        };
        Dispatcher.Add(VarlinkInterface.Parse(Interface));
        Dispatcher.Handle("org.example.test.Echo", call =>
            call.Reply(VarlinkError.Parameter("text", call.Parameters.GetProperty("text").GetString()!)));
        Dispatcher.Handle("org.example.test.Note", call =>
        {
            Notes.Add(call.Parameters.GetProperty("text").GetString()!);
            call.Reply(default);
        });
        Dispatcher.Handle("org.example.test.Later", call =>
        {
            call.Closed = () => Gone.Add(call);
            Open.Add(call);
        });
        Dispatcher.Handle("org.example.test.Stream", call =>
        {
            call.Closed = () => Gone.Add(call);
            Open.Add(call);
        }, VarlinkMethodFlags.RequiresMore);
        Dispatcher.Handle("org.example.test.Big", Big);
        Dispatcher.Handle("org.example.test.Secret", call => call.Reply(default), VarlinkMethodFlags.Privileged);
        Poller.Turns = Dispatcher.Turns;
        Listener = new VarlinkListener(ListeningSocket.Open(Path, (UnixFileMode)0x1B6), SocketFile.JustBound(Path), Poller, Dispatcher, Limits);
    }

    public string Path => System.IO.Path.Combine(_directory, "socket");

    public TestPoller Poller { get; } = new();

    public VarlinkLimits Limits { get; }

    public VarlinkDispatcher Dispatcher { get; }

    public VarlinkListener Listener { get; }

    public List<string> Notes { get; } = [];

    public List<VarlinkCall> Open { get; } = [];

    public List<VarlinkCall> Gone { get; } = [];

    public TestClient Connect() => new(this);

    public VarlinkCall TakeCall()
    {
        Poller.Until(() => Open.Count > 0, "a call arrives");
        VarlinkCall call = Open[0];
        Open.RemoveAt(0);
        return call;
    }

    private static void Big(VarlinkCall call)
    {
        if (call.Parameters.GetProperty("bytes").TryGetInt32(out int bytes) && bytes is >= 0 and <= 10_000_000)
            call.Reply(VarlinkError.Parameter("text", new string('x', bytes)));
        else
            call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "bytes"));
    }

    public void Dispose()
    {
        Listener.Close();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A client that sends and reads raw bytes, and turns the server's loop while it waits.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly TestServer _server;
    private readonly List<byte> _received = [];
    private readonly byte[] _waste = new byte[256 << 10];

    public TestClient(TestServer server)
    {
        _server = server;
        Socket.Connect(new UnixDomainSocketEndPoint(server.Path));
        Socket.Blocking = false;
    }

    public Socket Socket { get; } = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>True once the server has closed the connection.</summary>
    public bool Ended { get; private set; }

    public static byte[] Frame(string json) => Encoding.UTF8.GetBytes(json + "\0");

    public static string Call(string method, string parameters = "{}", string flags = "") =>
        $$"""{"method":"org.example.test.{{method}}","parameters":{{parameters}}{{flags}}}""";

    public void Send(string json) => SendRaw(Frame(json));

    public void SendRaw(byte[] bytes)
    {
        int sent = 0;
        _server.Poller.Until(() =>
        {
            sent += Math.Max(0, Socket.Send(bytes.AsSpan(sent), SocketFlags.None, out SocketError error));
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, error.ToString());
            return sent == bytes.Length;
        }, "the request is taken");
    }

    /// <summary>Reads the next reply.</summary>
    public string Read()
    {
        int end = -1;
        Pump();
        _server.Poller.Until(() => (end = _received.IndexOf(0)) >= 0 || !Pump() && Ended, "a reply arrives");
        Assert.True(end >= 0, "the server closed the connection");
        string frame = Encoding.UTF8.GetString([.. _received[..end]]);
        _received.RemoveRange(0, end + 1);
        return frame;
    }

    /// <summary>Reads what there is and throws it away, until something holds.</summary>
    public void DrainUntil(Func<bool> holds)
    {
        _server.Poller.Until(() => Socket.Receive(_waste, SocketFlags.None, out _) <= 0 && holds(), "everything is taken");
    }

    public string Ask(string method, string parameters = "{}", string flags = "")
    {
        Send(Call(method, parameters, flags));
        return Read();
    }

    /// <summary>Reads to the end of the stream; fails if the server keeps it open.</summary>
    public string ReadToEnd()
    {
        _server.Poller.Until(() => !Pump() && Ended, "the server closes the connection");
        return Encoding.UTF8.GetString([.. _received]);
    }

    /// <summary>Fails if anything arrives though the server has had its turns.</summary>
    public void AssertSilent()
    {
        _server.Poller.Drain();
        Pump();
        Assert.False(Ended, "the server closed the connection");
        Assert.Empty(_received);
    }

    public void Dispose() => Socket.Dispose();

    private bool Pump()
    {
        byte[] buffer = new byte[256 << 10];
        int count = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
        Ended |= error is not (SocketError.Success or SocketError.WouldBlock) || (error == SocketError.Success && count == 0);
        _received.AddRange(buffer.AsSpan(0, Math.Max(0, count)));
        return count > 0;
    }
}
