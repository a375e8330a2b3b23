using System.Net.Sockets;
using UeventManager.Client.Testing;

namespace UeventManager.FleetScale;

/// <summary>A simulated daemon at a path, for a bridge that is a process of its own.</summary>
internal sealed class SocketDaemon : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly InMemoryDaemon _daemon;

    public SocketDaemon(InMemoryDaemon daemon, string path)
    {
        _daemon = daemon;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await using var outside = new NetworkStream(client, ownsSocket: true);
        await using Stream inside = _daemon.Connect();
        try
        {
            await await Task.WhenAny(outside.CopyToAsync(inside), inside.CopyToAsync(outside));
        }
        catch (IOException)
        {
            // The client went.
        }
    }
}
