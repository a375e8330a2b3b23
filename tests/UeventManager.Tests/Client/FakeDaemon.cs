using System.Collections.Concurrent;
using System.Net.Sockets;
using UeventManager.Tests.Varlink;
using UeventManager.Varlink;

namespace UeventManager.Tests.Client;

/// <summary>The server with the daemon's interface and canned answers, driven by a thread as in the daemon.</summary>
internal sealed class FakeDaemon : IDisposable
{
    public const string DeviceJson =
        """{"devpath":"/devices/virtual/net/veth0","subsystem":"net","sysname":"veth0","settled":true,"properties":{"INTERFACE":"veth0","X":"ä\n"}}""";

    public const string EventJson =
        """{"cursor":"7","action":"add","device":""" + DeviceJson + ""","synthetic":false,"arrivedUsec":1000,"settledUsec":3500,"seqnum":12}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("daemon").FullName;
    private readonly ConcurrentQueue<Action> _posted = [];
    private readonly TestPoller _poller = new();
    private readonly VarlinkListener _listener;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public FakeDaemon(params (string Method, VarlinkHandler Handler)[] handlers)
        : this(dispatcher => Register(dispatcher, handlers))
    {
    }

    /// <summary>The same server with other interfaces.</summary>
    public FakeDaemon(Action<VarlinkDispatcher> register)
    {
        var dispatcher = new VarlinkDispatcher(new VarlinkServiceInfo("v", "p", "1.2", "u"));
        register(dispatcher);
        _poller.Turns = dispatcher.Turns;
        _listener = new VarlinkListener(ListeningSocket.Open(Path, (UnixFileMode)0x1B6), SocketFile.JustBound(Path), _poller, dispatcher, new VarlinkLimits());
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public string Path => System.IO.Path.Combine(_directory, "socket");

    /// <summary>Sends several replies to one call, the last one last.</summary>
    public static VarlinkHandler Replies(params string[] replies) => call =>
    {
        for (int i = 0; i < replies.Length; i++)
            call.Reply(System.Text.Encoding.UTF8.GetBytes(replies[i]), continues: i < replies.Length - 1);
    };

    /// <summary>Sends replies and keeps the stream open.</summary>
    public static VarlinkHandler Stream(params string[] replies) => call =>
    {
        foreach (string reply in replies)
            call.Reply(System.Text.Encoding.UTF8.GetBytes(reply), continues: true);
    };

    /// <summary>Runs something on the daemon's thread.</summary>
    public void Post(Action action) => _posted.Enqueue(action);

    /// <summary>Serves one end of a connected pair of sockets and returns the other.</summary>
    public Socket Pair()
    {
        string path = System.IO.Path.Combine(_directory, "pair");
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(path));
        listening.Listen(1);
        var ours = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ours.Connect(new UnixDomainSocketEndPoint(path));
        Socket theirs = listening.Accept();
        Post(() => _listener.Serve(theirs));
        return ours;
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        Directory.Delete(_directory, recursive: true);
    }

    private static void Register(VarlinkDispatcher dispatcher, (string Method, VarlinkHandler Handler)[] handlers)
    {
        dispatcher.Add(EmbeddedInterfaces.Read("org.ueventmanager.Devices"));
        foreach ((string method, VarlinkHandler handler) in handlers)
            dispatcher.Handle("org.ueventmanager.Devices." + method, handler);
    }

    private void Run()
    {
        while (!_stopping)
        {
            while (_posted.TryDequeue(out Action? action))
                action();
            _poller.Turn(2);
        }
        _listener.Close();
    }
}
