using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>A subscriber that does not read costs bounded memory, and loses no frame when it reads again.</summary>
public sealed class BackPressureTests
{
    private const int Frames = 2000;
    private static readonly string Padding = new('x', 1000);

    [Fact]
    public void AStreamPullsItsNextFrameWhenTheOutputIsEmpty()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        int next = 0;
        int mostPending = 0;
        void Pull()
        {
            while (next < Frames && !call.HasPendingOutput)
            {
                Assert.True(call.Reply(Encoding.UTF8.GetBytes($$"""{"n":{{next++}},"pad":"{{Padding}}"}"""), continues: true));
                mostPending = Math.Max(mostPending, call.PendingOutputBytes);
            }
            if (next == Frames && !call.IsFinished)
                call.Reply("{\"n\":-1}"u8);
        }
        call.Drained = Pull;
        Pull();
        server.Poller.Drain();
        int before = server.Poller.Callbacks;
        server.Poller.Drain();
        Assert.Equal(before, server.Poller.Callbacks); // Nothing spins while the client does not read.
        Assert.InRange(next, 1, Frames / 2);
        for (int i = 0; i < Frames; i++)
            Assert.StartsWith($$$"""{"parameters":{"n":{{{i}}},""", client.Read(), StringComparison.Ordinal);
        Assert.Equal("""{"parameters":{"n":-1}}""", client.Read());
        Assert.InRange(mostPending, 1, 2000);
    }

    [Fact]
    public void TheOutputBufferIsBoundedAndTheRefusedFrameWasNotSent()
    {
        using var server = new TestServer(new VarlinkLimits { MaxOutputBytes = 10_000 });
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        int taken = 0;
        while (call.Reply(Encoding.UTF8.GetBytes($$"""{"n":{{taken}},"pad":"{{Padding}}"}"""), continues: true))
            taken++;
        Assert.InRange(call.PendingOutputBytes, 1, 10_000);
        call.Reply("{\"n\":-1}"u8); // The last reply is always taken.
        for (int i = 0; i < taken; i++)
            Assert.StartsWith($$$"""{"parameters":{"n":{{{i}}},""", client.Read(), StringComparison.Ordinal);
        Assert.Equal("""{"parameters":{"n":-1}}""", client.Read());
    }

    [Fact]
    public void ASlowSubscriberDoesNotHoldAnother()
    {
        using var server = new TestServer();
        using TestClient slow = server.Connect();
        using TestClient quick = server.Connect();
        slow.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall toSlow = server.TakeCall();
        quick.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall toQuick = server.TakeCall();
        for (int i = 0; i < Frames; i++)
        {
            byte[] reply = Encoding.UTF8.GetBytes($$"""{"n":{{i}},"pad":"{{Padding}}"}""");
            if (!toSlow.HasPendingOutput)
                toSlow.Reply(reply, continues: true);
            toQuick.Reply(reply, continues: true);
            Assert.StartsWith($$$"""{"parameters":{"n":{{{i}}},""", quick.Read(), StringComparison.Ordinal);
        }
        Assert.True(toSlow.HasPendingOutput);
    }

    [Fact]
    public void AClientThatReadsNothingForTooLongIsClosedAndOneThatReadsALittleIsNot()
    {
        using var server = new TestServer(new VarlinkLimits { StallUsec = 1000 });
        using TestClient silent = server.Connect();
        silent.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall toSilent = server.TakeCall();
        using TestClient slow = server.Connect();
        slow.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall toSlow = server.TakeCall();
        using TestClient idle = server.Connect();
        idle.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall toIdle = server.TakeCall();
        byte[] reply = Encoding.UTF8.GetBytes($$"""{"n":1,"pad":"{{new string('x', 400_000)}}"}""");
        Assert.True(toSilent.Reply(reply, continues: true) && toSlow.Reply(reply, continues: true));
        Assert.True(toSilent.HasPendingOutput && toSlow.HasPendingOutput && !toIdle.HasPendingOutput);
        var closed = new List<PeerCredentials>();
        server.Listener.Stalled = closed.Add;
        server.Listener.Sweep(10_000);
        server.Listener.Sweep(10_999);
        Assert.Empty(closed);
        slow.Read();
        server.Poller.Drain();
        server.Listener.Sweep(11_000);
        Assert.Equal((1L, 1), (server.Listener.StalledCount, closed.Count));
        Assert.Equal((true, false, false), (toSilent.IsFinished, toSlow.IsFinished, toIdle.IsFinished));
        server.Listener.Sweep(20_000);
        Assert.Single(closed);
    }

    [Fact]
    public void AnUnreadFrameOfSeveralClientsIsKeptOnceAndReachesEachComplete()
    {
        using var server = new TestServer();
        List<TestClient> clients = [];
        List<VarlinkCall> calls = [];
        for (int i = 0; i < 3; i++)
        {
            clients.Add(server.Connect());
            clients[i].Send(TestClient.Call("Stream", flags: ",\"more\":true"));
            calls.Add(server.TakeCall());
        }
        var frames = new SharedFrames();
        ReplyFrame.Write(frames.Begin(), Encoding.UTF8.GetBytes($$"""{"n":1,"pad":"{{new string('x', 600_000)}}"}"""), continues: true);
        foreach (VarlinkCall call in calls)
            Assert.True(call.SendFrames(frames) && call.HasPendingOutput);
        KeptFrames kept = frames.Keep();
        Assert.Same(kept, frames.Keep());
        // What is written next, and what one of them gets besides, is nobody else's.
        ReplyFrame.Write(frames.Begin(), "{\"n\":2}"u8, continues: true);
        Assert.True(calls[1].Reply("{\"n\":3}"u8, continues: true));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(600_000, clients[i].Read().Count(c => c == 'x'));
            calls[i].Reply("{\"n\":4}"u8);
            if (i == 1)
                Assert.Contains("\"n\":3", clients[i].Read(), StringComparison.Ordinal);
            Assert.Equal("""{"parameters":{"n":4}}""", clients[i].Read());
            clients[i].Dispose();
        }
    }

    [Fact]
    public void AStormToAClientThatIsBehindCopiesItsFramesIntoTheSameMemory()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
        VarlinkCall call = server.TakeCall();
        var frames = new SharedFrames();
        byte[] text = Encoding.UTF8.GetBytes($$"""{"n":1,"pad":"{{new string('x', 400_000)}}"}""");
        long before = 0;
        for (int i = 0; i < 50; i++)
        {
            // The first rounds make what is used again.
            if (i == 10)
                before = GC.GetAllocatedBytesForCurrentThread();
            ReplyFrame.Write(frames.Begin(), text, continues: true);
            Assert.True(call.SendFrames(frames) && call.HasPendingOutput);
            client.DrainUntil(() => !call.HasPendingOutput);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * 100_000);
    }
}
