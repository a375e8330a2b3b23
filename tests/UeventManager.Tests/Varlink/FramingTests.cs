using System.Net.Sockets;
using System.Text;

namespace UeventManager.Tests.Varlink;

/// <summary>Without these a client whose writes are cut or joined by the kernel gets no answer, or another call's.</summary>
public sealed class FramingTests
{
    private static readonly string Request = TestClient.Call("Echo", """{"text":"añ\u0000"}""");
    private const string Reply = """{"parameters":{"text":"a\u00F1\u0000"}}""";

    [Fact]
    public void ARequestMaySplitAtEveryByte()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        byte[] frame = TestClient.Frame(Request);
        for (int at = 0; at <= frame.Length; at++)
        {
            client.SendRaw(frame[..at]);
            server.Poller.Drain();
            client.SendRaw(frame[at..]);
            Assert.Equal(Reply, client.Read());
        }
    }

    [Fact]
    public void AByteAtATimeIsOneRequest()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        foreach (byte b in TestClient.Frame(Request))
        {
            client.SendRaw([b]);
            server.Poller.Drain();
        }
        Assert.Equal(Reply, client.Read());
    }

    [Fact]
    public void ManyRequestsInOneWriteAreAnsweredInOrder()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.SendRaw(Encoding.UTF8.GetBytes(string.Concat(
            Enumerable.Range(0, 500).Select(i => TestClient.Call("Echo", $$"""{"text":"{{i}}"}""") + "\0"))));
        for (int i = 0; i < 500; i++)
            Assert.Equal($$$"""{"parameters":{"text":"{{{i}}}"}}""", client.Read());
    }

    [Fact]
    public void WhiteSpaceAroundTheObjectIsAllowed()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(" \r\n\t" + Request + "\n ");
        Assert.Equal(Reply, client.Read());
    }

    [Fact]
    public void ARequestOfTheLimitIsAnswered()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        int rest = server.Limits.MaxRequestBytes - TestClient.Call("Note", """{"text":""}""").Length;
        client.Send(TestClient.Call("Note", $$"""{"text":"{{new string('x', rest)}}"}"""));
        Assert.Equal("{}", client.Read());
        Assert.Equal(rest, server.Notes.Single().Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALongerRequestIsRefusedAndTheConnectionClosed(bool finished)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        byte[] bytes = new byte[server.Limits.MaxRequestBytes + 1 + (finished ? 1 : 0)];
        bytes.AsSpan().Fill((byte)' ');
        bytes[^1] = finished ? (byte)0 : (byte)' ';
        client.SendRaw(bytes);
        Assert.Equal(
            """{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"parameters"}}""" + "\0", client.ReadToEnd());
        Assert.Equal(0, server.Listener.Connections);
    }

    [Fact]
    public void ABigReplyArrivesWholeThoughTheSocketTakesItInParts()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Big", """{"bytes":8000000}"""));
        client.Send(Request);
        Assert.Equal(8_000_000 + """{"parameters":{"text":""}}""".Length, client.Read().Length);
        Assert.Equal(Reply, client.Read());
    }

    [Fact]
    public void AClientThatShutsItsSideStillGetsItsReplies()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.SendRaw([.. TestClient.Frame(TestClient.Call("Big", """{"bytes":2000000}""")), .. TestClient.Frame(Request),
            .. TestClient.Frame(TestClient.Call("Later")), .. "{\"method\":"u8]);
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.True(client.Read().Length > 2_000_000);
        Assert.Equal(Reply, client.Read());
        server.TakeCall().Reply("{\"n\":1}"u8);
        Assert.Equal("""{"parameters":{"n":1}}""" + "\0", client.ReadToEnd());
    }
}
