using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace UeventManager.Benchmarks.Measure;

/// <summary>Another user who asks the daemon for the same thing over ten connections, as fast as it is let, until the end of this object.</summary>
internal sealed partial class Flood : IDisposable
{
    private const int User = 20_001;
    private const int Connections = 10;
    private const int CallsAtOnce = 64;
    private readonly string _path;
    private readonly byte[] _bytes;
    private readonly int _most;
    private readonly bool _hangsUp;
    private readonly List<Socket> _sockets = [];
    private readonly byte[] _waste = new byte[256 << 10];
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failed;

    /// <summary>Begins it.</summary>
    /// <param name="path">The daemon's socket.</param>
    /// <param name="what">One of <see cref="Ways"/>.</param>
    public Flood(string path, string what)
    {
        (_path, _hangsUp, _most) = (path, what == "connections", what == "half requests" ? 400 : Connections);
        _bytes = Encoding.UTF8.GetBytes(Ways[what]);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>What it may be, and what it sends.</summary>
    public static IReadOnlyDictionary<string, string> Ways { get; } = new Dictionary<string, string>
    {
        ["List"] = Calls("""{"method":"org.ueventmanager.Devices.List","more":true}"""),
        ["GetInfo"] = Calls("""{"method":"org.varlink.service.GetInfo"}"""),
        ["Explain"] = Calls("""{"method":"org.ueventmanager.Devices.Explain","parameters":{"device":"net:lo"}}"""),
        ["Wait"] = Calls("""{"method":"org.ueventmanager.Devices.Wait","parameters":{"device":"net:never","timeoutUsec":1000}}"""),
        ["connections"] = "",
        ["half requests"] = "{\"method\":\"" + new string('x', 125_000),
    };

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        if (_failed is not null)
            throw new InvalidOperationException("the flood ended", _failed);
    }

    private static string Calls(string call) => string.Concat(Enumerable.Repeat(call + "\0", CallsAtOnce));

    private void Run()
    {
        try
        {
            // The kernel takes a connection's credentials from the thread that makes it.
            if (SystemCall(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147, -1, User, -1) != 0)
                throw new InvalidOperationException("setresuid");
            while (!_stopping)
                Round();
            _sockets.ForEach(socket => socket.Dispose());
        }
        catch (Exception e)
        {
            _failed = e;
        }
    }

    private void Round()
    {
        if (_sockets.Count < _most)
            _sockets.Add(Connect());
        foreach (var socket in _most > Connections ? [_sockets[^1]] : _sockets.ToArray())
        {
            socket.Send(_bytes, SocketFlags.None, out var sent);
            var count = socket.Receive(_waste, SocketFlags.None, out var got);
            if (!_hangsUp && sent is SocketError.Success or SocketError.WouldBlock && (got == SocketError.WouldBlock || count > 0))
                continue;
            _sockets.Remove(socket);
            socket.Dispose();
        }
        if (_most > Connections && _sockets.Count == _most)
        {
            _sockets[0].Dispose();
            _sockets.RemoveAt(0);
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        socket.Blocking = false;
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
