using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>A client gets the reply to its own call, and a stream ends with its client.</summary>
public sealed class CallTests
{
    [Fact]
    public void NoFurtherCallIsProcessedWhileOneIsUnfinished()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Later"));
        client.Send(TestClient.Call("Note", """{"text":"after"}"""));
        VarlinkCall call = server.TakeCall();
        client.AssertSilent();
        Assert.Empty(server.Notes);
        call.Reply("{\"n\":7}"u8);
        Assert.Empty(server.Notes); // Handlers run inside the poller's callback only.
        Assert.Equal("""{"parameters":{"n":7}}""", client.Read());
        Assert.Equal("{}", client.Read());
        Assert.True(call.IsFinished);
        Assert.Throws<InvalidOperationException>(() => call.Reply(default));
        Assert.Empty(server.Gone);
    }

    [Fact]
    public void NoFurtherCallIsProcessedWhileAStreamRuns()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        client.Send(TestClient.Call("Note", """{"text":"after"}"""));
        VarlinkCall call = server.TakeCall();
        Assert.True(call.Reply("{\"n\":1}"u8, continues: true));
        Assert.True(call.SendFrames("{\"parameters\":{\"n\":2},\"continues\":true}\0{\"continues\":true}\0"u8));
        Assert.Equal("""{"parameters":{"n":1},"continues":true}""", client.Read());
        Assert.Equal("""{"parameters":{"n":2},"continues":true}""", client.Read());
        Assert.Equal("""{"continues":true}""", client.Read());
        client.AssertSilent();
        call.Error("org.example.test.Refused", "{\"why\":\"so\"}"u8);
        Assert.Equal("""{"error":"org.example.test.Refused","parameters":{"why":"so"}}""", client.Read());
        Assert.Equal("{}", client.Read());
    }

    [Fact]
    public void OnewayCallsGetNoByte()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.SendRaw(Encoding.UTF8.GetBytes(string.Concat(
            TestClient.Call("Note", """{"text":"1"}""", ",\"oneway\":true") + "\0",
            TestClient.Call("Nope", flags: ",\"oneway\":true") + "\0",
            TestClient.Call("Note", """{"text":2}""", ",\"oneway\":true") + "\0",
            TestClient.Call("Stream", flags: ",\"oneway\":true") + "\0",
            TestClient.Call("Later", flags: ",\"oneway\":true") + "\0",
            TestClient.Call("Note", """{"text":"3"}""") + "\0")));
        VarlinkCall later = server.TakeCall();
        client.AssertSilent();
        later.Reply("{\"n\":1}"u8);
        Assert.Equal("{}", client.Read());
        Assert.Equal(["1", "3"], server.Notes);
        client.AssertSilent();
    }

    [Fact]
    public void ContinuesNeedsMore()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Later"));
        VarlinkCall call = server.TakeCall();
        Assert.Throws<InvalidOperationException>(() => call.Reply(default, continues: true));
        Assert.Throws<InvalidOperationException>(() => call.SendFrames("{}\0"u8));
    }

    [Theory]
    [InlineData("Later", "")]
    [InlineData("Stream", ",\"more\":true")]
    public void ACallLearnsThatItsPeerWent(string method, string flags)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call(method, flags: flags));
        VarlinkCall call = server.TakeCall();
        client.Dispose();
        server.Poller.Until(() => server.Gone.Count > 0, "the call is told");
        Assert.True(call.IsFinished);
        Assert.Equal(0, server.Listener.Connections);
        Assert.Equal(1, server.Poller.Watched);
    }

    [Fact]
    public void AReplyToAPeerThatWentIsRefusedAndTheCallToldInTheNextTurn()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        client.Dispose();
        Assert.False(call.Reply("{\"n\":1}"u8, continues: true));
        Assert.Empty(server.Gone);
        server.Poller.Until(() => server.Gone.Count > 0, "the call is told");
    }

    [Fact]
    public void OnewayCallsOfAPeerThatWentAreDone()
    {
        using var server = new TestServer();
        for (int i = 0; i < 50; i++)
        {
            using TestClient client = server.Connect();
            client.Send(TestClient.Call("Echo", """{"text":"not read"}"""));
            client.Send(TestClient.Call("Note", """{"text":"x"}""", ",\"oneway\":true"));
        }
        server.Poller.Until(() => server.Notes.Count == 50 && server.Listener.Connections == 0, "all is done");
    }

    [Fact]
    public void AClientThatPipelinesAndNeverReadsCostsOneReplyAndABoundedReadAhead()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        byte[] request = TestClient.Frame(TestClient.Call("Big", """{"bytes":100000}"""));
        int sent = 0;
        for (int idle = 0; idle < 50;)
        {
            int count = client.Socket.Send(request, System.Net.Sockets.SocketFlags.None, out _);
            sent += Math.Max(0, count);
            idle = server.Poller.Turn() || count > 0 ? 0 : idle + 1;
        }
        Assert.InRange(sent, 1, 1 << 20);
        int calls = sent / request.Length;
        for (int i = 0; i < calls; i++)
            Assert.True(client.Read().Length > 100_000);
    }
}
