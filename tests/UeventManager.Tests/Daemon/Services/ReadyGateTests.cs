using UeventManager.Daemon.Services;
using UeventManager.Tests.Varlink;
using UeventManager.Varlink;

namespace UeventManager.Tests.Daemon.Services;

/// <summary>A call before the first state is known gets the whole state, not a part of it.</summary>
public sealed class ReadyGateTests
{
    [Fact]
    public void A_call_that_comes_early_is_answered_once_the_gate_is_open()
    {
        using var server = new TestServer();
        var gate = new ReadyGate();
        server.Dispatcher.Handle("org.example.test.Missing", gate.WhenOpen(static call => call.Reply(default)));
        using var early = server.Connect();
        early.Send(TestClient.Call("Missing"));
        early.AssertSilent();
        gate.Open();
        Assert.Equal("{}", early.Read());
        Assert.Equal("{}", early.Ask("Missing"));
    }

    [Fact]
    public void A_client_that_has_left_is_not_answered()
    {
        using var server = new TestServer();
        var gate = new ReadyGate();
        var answered = 0;
        VarlinkHandler handler = gate.WhenOpen(_ => answered++);
        server.Dispatcher.Handle("org.example.test.Missing", handler);
        using (var early = server.Connect())
        {
            early.Send(TestClient.Call("Missing"));
            early.AssertSilent();
        }
        server.Poller.Until(() => server.Listener.Connections == 0, "the connection is closed");
        gate.Open();
        server.Poller.Drain();
        Assert.Equal(0, answered);
    }
}
