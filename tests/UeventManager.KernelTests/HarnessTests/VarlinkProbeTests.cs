using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.HarnessTests;

/// <summary>A probe that misread replies would blame the daemon, or excuse it.</summary>
public sealed class VarlinkProbeTests
{
    [Fact]
    public void A_call_is_one_object_and_a_nul_and_its_reply_is_put_together_from_pieces()
    {
        using var stub = new StubService("""{"parameters":{"product":"a product with a long name"}}""");
        using var probe = VarlinkProbe.ConnectToStub(stub.SocketPath);
        Assert.Equal("a product with a long name", probe.Call("org.varlink.service.GetInfo").GetProperty("product").GetString());
        Assert.True(probe.IsClosed(Deadline.Default));
        Assert.Equal("""{"method":"org.varlink.service.GetInfo","parameters":{}}""", stub.Call);
    }

    [Fact]
    public void An_error_is_never_taken_for_an_answer()
    {
        using var stub = new StubService("""{"error":"org.ueventmanager.Devices.NoSuchDevice","parameters":{"device":"x"}}""");
        using var probe = VarlinkProbe.ConnectToStub(stub.SocketPath);
        var reply = probe.CallForError(VarlinkProbe.Devices + "Get", new { device = "x" });
        Assert.Equal("org.ueventmanager.Devices.NoSuchDevice", reply.Error);
        Assert.Equal("x", reply.Parameters.GetProperty("device").GetString());
    }

    [Fact]
    public void A_subscriber_applies_events_and_starts_anew_at_a_gap()
    {
        using var stub = new StubService(
            """{"parameters":{"state":[{"devpath":"/devices/a"},{"devpath":"/devices/b"}]},"continues":true}""",
            """{"parameters":{"state":[],"ready":true},"continues":true}""",
            Event("remove", "/devices/a"),
            Event("add", "/devices/c"),
            """{"parameters":{"gap":{"reason":"kernelOverrun","lost":3}},"continues":true}""",
            """{"parameters":{"state":[{"devpath":"/devices/d"}],"ready":true},"continues":true}""");
        using var subscription = Subscription.Open(VarlinkProbe.ConnectToStub(stub.SocketPath)).WaitReady();
        Assert.Equal(["/devices/a", "/devices/b"], subscription.Picture.Keys.Order());
        subscription.WaitForEvent(one => one.IsAt("add", "/devices/c"));
        subscription.WaitForEvent(one => one.IsAt("remove", "/devices/a"));
        Assert.Equal(["/devices/b", "/devices/c"], subscription.Picture.Keys.Order());
        Assert.Equal(3, subscription.WaitForGap(Deadline.Default).GetProperty("lost").GetInt64());
        Assert.Equal("/devices/d", Assert.Single(subscription.Picture.Keys));
    }

    private static string Event(string action, string devpath) =>
        $$$"""{"parameters":{"events":[{"cursor":"0-1","action":"{{{action}}}","device":{"devpath":"{{{devpath}}}"}}]},"continues":true}""";
}
