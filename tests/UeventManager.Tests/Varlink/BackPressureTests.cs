using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>Without these a subscriber that does not read grows the daemon, or loses frames when it reads again.</summary>
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
}
