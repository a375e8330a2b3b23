using System.Net.Sockets;
using System.Text;

namespace UeventManager.KernelTests.Harness;

/// <summary>Answers one connection's first call with frames written beforehand: what tests a client without a daemon.</summary>
internal sealed class StubService : IDisposable
{
    private readonly ScratchDirectory _directory = new("stub");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread _thread;
    private string _call = "";

    internal StubService(params IReadOnlyList<string> frames)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen(1);
        _thread = new Thread(() => Serve(frames));
        _thread.Start();
    }

    internal string SocketPath => _directory.Combine("socket");

    /// <summary>The call that it was sent, once the connection has been served.</summary>
    internal string Call
    {
        get
        {
            _thread.Join();
            return _call;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
        _directory.Dispose();
    }

    private void Serve(IReadOnlyList<string> frames)
    {
        try
        {
            using var connection = _listener.Accept();
            _call = ReadCall(connection);
            // In pieces that are not frames: a client must not take one receive for one reply.
            var bytes = Encoding.UTF8.GetBytes(string.Concat(frames.Select(frame => frame + "\0")));
            foreach (var piece in bytes.Chunk(7))
                connection.Send(piece);
        }
        catch (SocketException)
        {
            // Nobody called, or the client went away: the test says so.
        }
    }

    private static string ReadCall(Socket connection)
    {
        var received = new List<byte>();
        var one = new byte[1];
        while (connection.Receive(one) == 1 && one[0] != 0)
            received.Add(one[0]);
        return Encoding.UTF8.GetString([.. received]);
    }
}
