using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Hostile;

/// <summary>One user who does the same thing to the daemon over ten or more connections, as fast as it is let, until the end of this object.</summary>
internal sealed class Flood : IDisposable
{
    private const int Connections = 10;
    private const int Most = 400;
    private readonly List<Socket> _held = [];
    private readonly string _path;
    private readonly byte[] _waste = new byte[256 << 10];
    private readonly Task _done;
    private volatile bool _stopping;
    private long _rounds;

    private Flood(string path, Action<Flood> round)
    {
        _path = path;
        _done = Users.Start(Users.Attacker, () =>
        {
            while (!_stopping)
            {
                round(this);
                Interlocked.Increment(ref _rounds);
            }
            _held.ForEach(socket => socket.Dispose());
        });
    }

    /// <summary>How often it was done.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    /// <summary>Begins a flood.</summary>
    /// <param name="what">Which.</param>
    /// <param name="path">The daemon's socket.</param>
    public static Flood Begin(string what, string path) => what switch
    {
        "calls of List" => Pipeline(path, """{"method":"org.ueventmanager.Devices.List","more":true}"""),
        "calls of GetInfo" => Pipeline(path, """{"method":"org.varlink.service.GetInfo"}"""),
        "calls of Explain" => Pipeline(path, """{"method":"org.ueventmanager.Devices.Explain","parameters":{"device":"/devices/virtual/hostile/h7"}}"""),
        "names that are none" => Pipeline(path, """{"method":"org.ueventmanager.Devices.Explain","parameters":{"device":"/devices/NAME"}}""".Replace("NAME", string.Concat(Enumerable.Repeat("a/../", 600)), StringComparison.Ordinal)),
        "calls of Wait" => Pipeline(path, """{"method":"org.ueventmanager.Devices.Wait","parameters":{"device":"hostile:never","timeoutUsec":1000}}"""),
        "filters that cost, and a hang-up" => new Flood(path, flood => flood.HangUp(CostlyList)),
        "connections" => new Flood(path, flood => flood.HangUp([])),
        "half requests" => HalfRequests(path),
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };

    public void Dispose()
    {
        _stopping = true;
        _done.Wait(Deadline.Seconds(60).Remaining);
        Assert.True(_done.IsCompleted, "the attacker does not end");
        _done.GetAwaiter().GetResult();
    }

    // As much of a filter as a legal one may have, of what takes longest to find that it does not match.
    private static byte[] CostlyList { get; } = Encoding.UTF8.GetBytes(
        "{\"method\":\"org.ueventmanager.Devices.List\",\"more\":true,\"parameters\":{\"filter\":{\"devpaths\":["
        + string.Join(',', Enumerable.Range(0, 30).Select(i => "\"" + string.Concat(Enumerable.Repeat("*a", 110)) + $"{i}\"")) + "]}}}\0");

    private static Flood Pipeline(string path, string call)
    {
        var calls = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(call + "\0", 64)));
        return new Flood(path, flood =>
        {
            while (flood._held.Count < Connections)
                flood._held.Add(flood.Connect());
            foreach (var socket in flood._held.Where(socket => !flood.Push(socket, calls)).ToList())
                flood.Drop(socket);
        });
    }

    // 190 KB of a request that never ends, over as many connections as it gets.
    private static Flood HalfRequests(string path)
    {
        var half = Encoding.UTF8.GetBytes("{\"method\":\"" + new string('x', 190_000));
        return new Flood(path, flood =>
        {
            var socket = flood.Connect();
            flood._held.Add(socket);
            flood.Push(socket, half);
            if (flood._held.Count > Most)
                flood.Drop(flood._held[0]);
        });
    }

    private void Drop(Socket socket)
    {
        _held.Remove(socket);
        socket.Dispose();
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        socket.Blocking = false;
        return socket;
    }

    private void HangUp(byte[] request)
    {
        for (var i = 0; i < Connections; i++)
        {
            using var socket = Connect();
            Push(socket, request);
        }
    }

    // Sends what the kernel takes at once and throws away what has come; a cut request is as good as a whole one. False if it was closed.
    private bool Push(Socket socket, byte[] bytes)
    {
        socket.Send(bytes, SocketFlags.None, out var sent);
        var received = socket.Receive(_waste, SocketFlags.None, out var got);
        return sent is SocketError.Success or SocketError.WouldBlock && (got == SocketError.WouldBlock || (got == SocketError.Success && received > 0));
    }
}
