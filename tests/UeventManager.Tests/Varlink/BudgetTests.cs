using System.Net.Sockets;
using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>Incomplete requests and unread replies of one user do not take the memory and the places of others.</summary>
public sealed class BudgetTests
{
    private const string TooMuch = """{"error":"org.ueventmanager.Devices.TooManyBytes","parameters":{"limit":1000000}}""" + "\0";
    private static readonly VarlinkLimits Small = new() { MaxBytesPerUid = 1_000_000, HalfRequestUsec = 1000 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void HalfRequestsOfOneUserHoldABoundedNumberOfBytes(bool ofOne)
    {
        var limits = ofOne ? Small : Small with { MaxBytesPerUid = 10_000_000, MaxBytes = 1_000_000 };
        using var server = new TestServer(limits, _ => false);
        List<TestClient> crowd = [];
        for (int i = 0; i < 40; i++)
        {
            crowd.Add(server.Connect());
            crowd[i].SendRaw(new string('x', 100_000).Select(c => (byte)c).ToArray());
        }
        server.Poller.Drain();
        Assert.InRange(server.Listener.OverBudgetCount, 30, 39);
        Assert.InRange(server.Listener.Connections, 1, 9);
        Assert.Equal(40, server.Listener.Connections + server.Listener.OverBudgetCount);
        Assert.Equal(server.Listener.OverBudgetCount, crowd.Count(client => Told(client)));
        // Whoever asks something short is served all the same, and what was held is given back with its connection.
        using TestClient other = server.Connect();
        Assert.Contains("short", other.Ask("Echo", """{"text":"short"}"""), StringComparison.Ordinal);
        crowd.ForEach(client => client.Dispose());
        server.Poller.Until(() => server.Listener.Connections == 1, "they are gone");
        for (int i = 0; i < 8; i++)
            Assert.Contains("xxx", other.Ask("Echo", $$"""{"text":"{{new string('x', 100_000)}}"}"""), StringComparison.Ordinal);

        bool Told(TestClient client) => !client.Socket.Poll(0, SelectMode.SelectRead) ? false : client.ReadToEnd() == TooMuch;
    }

    [Fact]
    public void RepliesThatAreNotReadHoldABoundedNumberOfBytesAndWhoHoldsMostLosesThem()
    {
        using var server = new TestServer(Small);
        using TestClient modest = server.Connect();
        modest.Send(TestClient.Call("Big", """{"bytes":400000}"""));
        using TestClient greedy = server.Connect();
        greedy.Send(TestClient.Call("Big", """{"bytes":900000}"""));
        Assert.Equal("", Rest(greedy.ReadToEnd()));
        Assert.InRange(modest.Read().Length, 400_000, 400_100);
        Assert.Equal((1L, 1), (server.Listener.OverBudgetCount, server.Listener.Connections));
        Assert.Equal("{}", modest.Ask("Secret"));

        static string Rest(string got) => got.TrimStart("""{"parameters":{"text":"x""".ToCharArray());
    }

    [Fact]
    public void CallsThatWaitAreCountedWithWhatTheyWereAsked()
    {
        using var server = new TestServer(Small, _ => false);
        List<TestClient> crowd = [];
        string padded = TestClient.Call("Later", "{}", $$""","com.example.x":{"y":"{{new string('y', 60_000)}}"}""");
        for (int i = 0; i < 10; i++)
        {
            crowd.Add(server.Connect());
            crowd[i].Send(padded);
        }
        server.Poller.Drain();
        Assert.InRange(server.Listener.Connections, 1, 3);
        Assert.Equal(10 - server.Listener.Connections, server.Gone.Count);
        crowd.ForEach(client => client.Dispose());
    }

    [Fact]
    public void AHalfRequestThatDoesNotGoOnIsClosedAndOneThatDoesIsNot()
    {
        using var server = new TestServer(Small);
        using TestClient silent = server.Connect();
        using TestClient slow = server.Connect();
        using TestClient idle = server.Connect();
        using TestClient waiting = server.Connect();
        Assert.Equal("{}", idle.Ask("Secret"));
        waiting.Send(TestClient.Call("Later"));
        VarlinkCall call = server.TakeCall();
        byte[] request = TestClient.Frame(TestClient.Call("Secret"));
        waiting.SendRaw(request[..6]); // The next call; this one is not over.
        silent.SendRaw(request[..5]);
        slow.SendRaw(request[..5]);
        server.Poller.Drain();
        Assert.True(server.Listener.NeedsSweep);
        server.Listener.Sweep(10_000);
        server.Listener.Sweep(10_999);
        slow.SendRaw(request[5..6]);
        server.Poller.Drain();
        server.Listener.Sweep(11_000);
        Assert.Equal("", silent.ReadToEnd());
        Assert.Equal((1L, 3, 0L), (server.Listener.HalfRequestCount, server.Listener.Connections, server.Listener.StalledCount));
        slow.SendRaw(request[6..]);
        Assert.Equal("{}", slow.Read());
        call.Reply("{\"n\":1}"u8);
        waiting.Read();
        waiting.SendRaw(request[6..]);
        Assert.Equal("{}", waiting.Read());
        server.Listener.Sweep(20_000);
        Assert.Equal((1L, false), (server.Listener.HalfRequestCount, server.Listener.NeedsSweep));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public void SomePlacesAreKeptForThePrivileged(bool isPrivileged, int places)
    {
        using var server = new TestServer(new VarlinkLimits { MaxConnections = 4, ReservedConnections = 2 }, _ => isPrivileged);
        List<TestClient> clients = [.. Enumerable.Range(0, places + 1).Select(_ => server.Connect())];
        Assert.Equal($$$"""{"error":"org.ueventmanager.Devices.TooManySubscribers","parameters":{"limit":{{{places}}}}}""" + "\0", clients[places].ReadToEnd());
        Assert.Equal(places, server.Listener.Connections);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public void TheServersQueuesAreNoGarbage()
    {
        using var server = new TestServer();
        byte[] half = Encoding.UTF8.GetBytes(new string('x', 130_000));
        long before = 0;
        for (int i = 0; i < 40; i++)
        {
            if (i == 5)
                before = GC.GetAllocatedBytesForCurrentThread();
            using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                client.Connect(new UnixDomainSocketEndPoint(server.Path));
                Assert.Equal(half.Length, client.Send(half)); // It fits the socket's buffer.
                server.Poller.Drain();
                Assert.Equal(1, server.Listener.Connections);
            }
            server.Poller.Until(() => server.Listener.Connections == 0, "it is gone");
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 35 * 30_000);
    }
}
