using System.Net.Sockets;
using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>One client's calls, or one long answer, do not keep others waiting, and one exception does not end the daemon.</summary>
public sealed class TurnTests
{
    [Fact]
    public void AConnectionAnswersAFewCallsOfManyAndThenLetsTheNext()
    {
        using var server = new TestServer();
        using TestClient greedy = server.Connect();
        greedy.SendRaw(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(TestClient.Call("Note", """{"text":"greedy"}""") + "\0", 500))));
        server.Poller.Until(() => server.Notes.Count > 0, "its first call is answered");
        int before = server.Notes.Count;
        using TestClient modest = server.Connect();
        modest.Send(TestClient.Call("Note", """{"text":"modest"}"""));
        Assert.Equal("{}", modest.Read());
        for (int i = 0; i < 500; i++)
            Assert.Equal("{}", greedy.Read());
        Assert.InRange(before, 1, 400);
        Assert.InRange(server.Notes.IndexOf("modest"), before, 499);
    }

    [Fact]
    public void ALongAnswerIsMadeInPiecesAndOthersAreServedBetweenThem()
    {
        using var server = new TestServer();
        using TestClient patient = server.Connect();
        patient.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        int steps = 0;
        call.Work(() =>
        {
            SpinFor(VarlinkTurns.TurnUsec); // Far too long a step: it is paid for.
            if (++steps < 20)
                return !call.Reply(Encoding.UTF8.GetBytes($$"""{"n":{{steps}}}"""), continues: true);
            call.Reply("{\"n\":-1}"u8);
            return true;
        });
        Assert.Equal(0, steps);
        using TestClient other = server.Connect();
        Assert.Equal("{}", other.Ask("Secret"));
        Assert.InRange(steps, 0, 19);
        for (int i = 1; i < 20; i++)
            Assert.Equal($$$"""{"parameters":{"n":{{{i}}}},"continues":true}""", patient.Read());
        Assert.Equal("""{"parameters":{"n":-1}}""", patient.Read());
        Assert.Equal("{}", patient.Ask("Secret"));
    }

    [Fact]
    public void AStepMayHandOverToAnotherAndAStreamGoesOnByDrained()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        byte[] big = Encoding.UTF8.GetBytes($$"""{"pad":"{{new string('x', 600_000)}}"}""");
        int drained = 0;
        call.Drained = () => drained++;
        call.Work(() =>
        {
            call.Work(() => call.Reply(big, continues: true));
            return true; // Counts for nothing: there is another one.
        });
        Assert.Contains("xxx", client.Read(), StringComparison.Ordinal);
        server.Poller.Until(() => drained == 1, "the stream pulls on");
        Assert.False(call.IsFinished);
    }

    [Fact]
    public void WhatIsLeftOfALongAnswerIsDroppedWhenItsClientGoes()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        int steps = 0;
        call.Work(() => ++steps < 0);
        client.Dispose();
        server.Poller.Until(() => server.Gone.Count > 0, "the call is told");
        int before = steps;
        server.Poller.Drain();
        Assert.Equal((before, false), (steps, server.Dispatcher.Turns.HasWork));
    }

    [Fact]
    public void WhatAClientPipelinedAndDidNotWaitForIsNotDone()
    {
        using var server = new TestServer();
        using (TestClient client = server.Connect())
        {
            server.Poller.Until(() => server.Listener.Connections == 1, "it is accepted");
            client.SendRaw(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(TestClient.Call("Note", """{"text":"x"}""") + "\0", 1000))));
        }
        server.Poller.Until(() => server.Listener.Connections == 0, "it is gone");
        Assert.InRange(server.Notes.Count, 0, 999);
        server.Notes.Clear();
        using (TestClient client = server.Connect())
            client.SendRaw(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(TestClient.Call("Note", """{"text":"y"}""", ",\"oneway\":true") + "\0", 1000))));
        server.Poller.Until(() => server.Notes.Count > 0 && server.Listener.Connections == 0, "it is gone too");
        Assert.InRange(server.Notes.Count, 1, 999);
    }

    [Fact]
    public void WhoShutsItsSendingSideStillGetsEveryAnswer()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.SendRaw(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(TestClient.Call("Secret") + "\0", 300))));
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(300, client.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("in the handler")]
    [InlineData("in a step")]
    [InlineData("when drained")]
    [InlineData("outside of a turn")]
    [InlineData("when it closes")]
    public void WhatIsThrownForOneConnectionClosesItAndNothingElse(string where)
    {
        using var server = new TestServer();
        var failures = new List<(PeerCredentials? Peer, string Message)>();
        server.Dispatcher.Turns.Failed = (peer, e) => failures.Add((peer, e.Message));
        server.Dispatcher.Handle("org.example.test.Missing", call =>
        {
            if (where == "in the handler")
                Throw();
            server.Open.Add(call);
        });
        using TestClient bystander = server.Connect();
        Assert.Equal("{}", bystander.Ask("Secret"));
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Missing", flags: ",\"more\":true"));
        if (where != "in the handler")
        {
            VarlinkCall call = server.TakeCall();
            call.Drained = Throw;
            call.Closed = where == "when it closes" ? Throw : null;
            if (where == "in a step")
                call.Work(() => throw new InvalidOperationException("boom"));
            else if (where == "when drained")
                call.Reply(Encoding.UTF8.GetBytes($$"""{"pad":"{{new string('x', 600_000)}}"}"""), continues: true);
            else if (where == "outside of a turn")
                call.Attempt(Throw);
            else
                client.Dispose();
        }
        if (where != "when it closes")
            client.ReadToEnd();
        server.Poller.Until(() => server.Listener.Connections == 1, "it is closed");
        Assert.Equal("{}", bystander.Ask("Secret"));
        var failure = Assert.Single(failures);
        Assert.Equal((Environment.ProcessId, "boom"), (failure.Peer!.Value.Pid, failure.Message));
        Assert.Equal((1, 2), (server.Dispatcher.Turns.Failures, server.Poller.Watched));
    }

    private static void Throw() => throw new InvalidOperationException("boom");

    private static void SpinFor(long usec)
    {
        long end = VarlinkTurns.NowUsec + usec;
        while (VarlinkTurns.NowUsec < end)
            Thread.SpinWait(10);
    }
}
