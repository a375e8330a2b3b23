using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Hostile;

/// <summary>The service manager's end of sd_notify(3): counts the signs of life.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly ScratchDirectory _directory = new("notify");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly byte[] _buffer = new byte[4096];

    public NotifySocket() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    public string Path => _directory.Combine("notify");

    /// <summary>Signs of life until now.</summary>
    public int Alive { get; private set; }

    /// <summary>Reads what has come.</summary>
    public void Read()
    {
        while (_socket.Receive(_buffer, SocketFlags.None, out var error) is var count and > 0 && error == SocketError.Success)
            Alive += Encoding.UTF8.GetString(_buffer, 0, count).Contains("WATCHDOG=1", StringComparison.Ordinal) ? 1 : 0;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _directory.Dispose();
    }
}
