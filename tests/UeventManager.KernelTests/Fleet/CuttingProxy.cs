using System.Net;
using System.Net.Sockets;

namespace UeventManager.KernelTests.Fleet;

/// <summary>
/// Stands between a client and the broker, and cuts connections: after so many bytes of the client's, wherever in a message that is. What was sent before has arrived,
/// what comes after has not, and no answer comes back: as when a process is killed, or a cable is pulled.
/// </summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _open = [];
    private long _left = long.MaxValue;
    private bool _isCut;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"nats://{_listener.LocalEndpoint}";

    /// <summary>Cuts the connections once the client has sent so many bytes more, and later ones go through again.</summary>
    public void CutAfter(int bytes)
    {
        lock (_lock)
            _left = bytes;
    }

    /// <summary>Cuts everything for good.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
            CloseAll();
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        Cut();
    }

    private void CloseAll()
    {
        foreach (Socket one in _open)
            one.Dispose();
        _open.Clear();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            lock (_lock)
            {
                if (_isCut)
                    return;
                _open.Add(client);
                _open.Add(server);
            }
            await Task.WhenAny(CopyAsync(client, server, isCounted: true), CopyAsync(server, client, isCounted: false));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The broker is away, or it was cut.
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(client);
                _open.Remove(server);
            }
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isCounted)
    {
        var buffer = new byte[16384];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                var allowed = isCounted ? Take(count) : count;
                for (var sent = 0; sent < allowed;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, allowed - sent));
                if (allowed == count)
                    continue;
                // In order: what was sent before it arrives.
                to.Shutdown(SocketShutdown.Send);
                from.Dispose();
                return;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut.
        }
    }

    private int Take(int count)
    {
        lock (_lock)
        {
            if (_left == long.MaxValue)
                return count;
            var allowed = (int)Math.Min(count, _left);
            _left = allowed < count ? long.MaxValue : _left - allowed;
            return allowed;
        }
    }
}
