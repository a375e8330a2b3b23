using System.Net.Sockets;
using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>
/// Many clients at once, each doing anything at any time, among handlers that do anything too: answer, wait, work in pieces, throw. Without
/// these some order of it ends the server, goes beyond a limit, or leaves something behind.
/// </summary>
public sealed class CrowdFuzzTests
{
    private const int Steps = 300;
    private static readonly VarlinkLimits Limits = new()
    {
        MaxConnections = 24,
        ReservedConnections = 4,
        MaxConnectionsPerUid = 22,
        MaxRequestBytes = 20_000,
        MaxReadAheadBytes = 2000,
        MaxOutputBytes = 8192,
        MaxBytesPerUid = 3_000_000,
        MaxBytes = 2_000_000,
        StallUsec = 100_000,
        HalfRequestUsec = 50_000,
    };

    [Fact]
    public void TheLimitsHoldForAnyCrowdAndNothingIsLeft() => Fuzz.Run(random =>
    {
        bool isPrivileged = random.Next(2) == 0;
        using var server = new TestServer(Limits, _ => isPrivileged);
        server.Dispatcher.Handle("org.example.test.Missing", _ => throw new InvalidOperationException("boom"));
        List<Socket> clients = [];
        long now = 0;
        for (int i = 0; i < Steps; i++)
        {
            Act(server, clients, random);
            if (random.Next(20) == 0)
                server.Listener.Sweep(now += random.Next(60_000));
            Check(server, isPrivileged);
        }
        clients.ForEach(client => client.Dispose());
        server.Poller.Until(() => server.Listener.Connections == 0, "all are gone");
        server.Poller.Drain();
        Assert.Equal(1, server.Poller.Watched);
        Assert.Equal((0L, false, false), (server.Listener.Accounts.HeldBytes, server.Dispatcher.Turns.HasWork, server.Listener.NeedsSweep));
    });

    private static void Check(TestServer server, bool isPrivileged)
    {
        Assert.InRange(server.Listener.Connections, 0, isPrivileged ? 22 : 20);
        Assert.InRange(server.Listener.Accounts.HeldBytes, 0, isPrivileged ? Limits.MaxBytesPerUid : Limits.MaxBytes);
    }

    private static void Act(TestServer server, List<Socket> clients, Random random)
    {
        Socket? client = clients.Count > 0 ? clients[random.Next(clients.Count)] : null;
        switch (random.Next(12))
        {
            case 0 or 1 when clients.Count < 40:
                client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                client.Connect(new UnixDomainSocketEndPoint(server.Path));
                client.Blocking = false;
                clients.Add(client);
                break;
            case 2 or 3 or 4:
                client?.Send(Request(random), SocketFlags.None, out _);
                break;
            case 5:
                client?.Receive(new byte[random.Next(1, 300_000)], SocketFlags.None, out _);
                break;
            case 6 when client is not null && random.Next(3) == 0:
                clients.Remove(client);
                client.Dispose();
                break;
            case 7 when random.Next(3) == 0:
                ShutDown(client);
                break;
            case 8 or 9 when server.Open.Count > 0:
                Answer(server, random);
                break;
            default:
                server.Poller.Turn();
                break;
        }
    }

    private static byte[] Request(Random random)
    {
        byte[] whole = TestClient.Frame(random.Next(9) switch
        {
            0 => TestClient.Call("Missing"),
            1 => TestClient.Call("Later", "{}", $$""","com.example.x":{"y":"{{new string('y', random.Next(20_000))}}"}"""),
            2 => TestClient.Call("Stream", "{}", ",\"more\":true"),
            3 => TestClient.Call("Big", $$"""{"bytes":{{random.Next(1_500_000)}}}"""),
            4 => TestClient.Call("Note", """{"text":"x"}""", ",\"oneway\":true"),
            5 => TestClient.Call("Missing", "{}", ",\"oneway\":true"),
            6 => "{\"method\":\"" + new string('x', random.Next(30_000)),
            7 => string.Concat(Enumerable.Repeat(TestClient.Call("Secret") + "\0", random.Next(1, 50))),
            _ => TestClient.Call("Later"),
        });
        return random.Next(4) == 0 ? whole[..random.Next(whole.Length)] : whole;
    }

    private static void Answer(TestServer server, Random random)
    {
        VarlinkCall call = server.Open[random.Next(server.Open.Count)];
        if (call.IsFinished)
        {
            server.Open.Remove(call);
            return;
        }
        byte[] some = Encoding.UTF8.GetBytes($$"""{"n":1,"pad":"{{new string('p', random.Next(200_000))}}"}""");
        switch (random.Next(7))
        {
            case 0:
                call.Attempt(Boom);
                break;
            case 1:
                call.Closed = Boom;
                break;
            case 2:
                call.Drained = Boom;
                break;
            case 3:
                int left = random.Next(10);
                call.Work(() => left-- > 0 ? left == 5 && random.Next(3) == 0 && Throw() : End(call));
                break;
            case 4 when call.More:
                call.Reply(some, continues: true);
                break;
            case 5 when call.More:
                var shared = new SharedFrames();
                ReplyFrame.Write(shared.Begin(), some, continues: true);
                call.SendFrames(shared);
                break;
            default:
                call.Reply(some);
                break;
        }
    }

    private static bool End(VarlinkCall call)
    {
        call.Reply("{\"n\":2}"u8);
        return true;
    }

    private static void Boom() => Throw();

    private static bool Throw() => throw new InvalidOperationException("boom");

    private static void ShutDown(Socket? client)
    {
        try
        {
            client?.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has closed it.
        }
    }
}
