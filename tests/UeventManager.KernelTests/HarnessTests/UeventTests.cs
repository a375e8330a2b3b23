using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.HarnessTests;

/// <summary>An injected uevent that did not look like the kernel's would test nothing.</summary>
public sealed class UeventTests
{
    private const string DevPath = "/devices/virtual/uem/uem0";

    [Fact]
    public void An_injected_uevent_arrives_from_the_kernel_with_a_sequence_number()
    {
        using var sandbox = Sandbox.Create();
        using var reader = new UeventReader(sandbox);
        using var injector = new UeventInjector(sandbox);
        injector.Send("add", DevPath, "uem", "FLAVOUR=a=b");
        var (port, properties) = reader.Next(uevent => uevent.GetValueOrDefault("DEVPATH") == DevPath, Deadline.Default);
        Assert.Equal(0u, port);
        Assert.Equal("a=b", properties["FLAVOUR"]);
        Assert.NotEqual("", properties["SEQNUM"]);
    }

    [Fact]
    public void An_injected_uevent_stays_in_its_sandbox()
    {
        using var sandbox = Sandbox.Create();
        using var other = Sandbox.Create();
        using var reader = new UeventReader(other);
        using var injector = new UeventInjector(sandbox);
        using var marker = new UeventInjector(other);
        injector.Send("add", DevPath, "uem", "FROM=sandbox");
        marker.Send("add", DevPath, "uem", "FROM=other");
        var (_, properties) = reader.Next(uevent => uevent.GetValueOrDefault("SUBSYSTEM") == "uem", Deadline.Default);
        Assert.Equal("other", properties["FROM"]);
    }

    [Fact]
    public void Uevents_sent_fast_arrive_in_order()
    {
        using var sandbox = Sandbox.Create();
        using var reader = new UeventReader(sandbox);
        using var injector = new UeventInjector(sandbox);
        // As many as the default receive buffer surely holds.
        for (var i = 0; i < 100; i++)
            injector.Send("change", DevPath, "uem", $"NUMBER={i}");
        for (var i = 0; i < 100; i++)
            Assert.Equal($"{i}", reader.Next(uevent => uevent.ContainsKey("NUMBER"), Deadline.Default).Properties["NUMBER"]);
        Assert.Equal(100, injector.Sent);
    }

    [Fact]
    public void A_real_device_announces_itself()
    {
        using var sandbox = Sandbox.Create();
        using var reader = new UeventReader(sandbox);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        var (port, properties) = reader.Next(uevent => uevent.GetValueOrDefault("INTERFACE") == "uem-a", Deadline.Default);
        Assert.Equal(0u, port);
        Assert.Equal("add", properties["ACTION"]);
    }

    [Fact]
    public void A_spoofed_uevent_reaches_listeners_and_shows_its_port()
    {
        using var sandbox = Sandbox.Create();
        using var reader = new UeventReader(sandbox);
        using var spoofer = new UeventSpoofer(sandbox);
        spoofer.Multicast("add", DevPath, "uem");
        Assert.NotEqual(0u, reader.Next(uevent => uevent.GetValueOrDefault("SUBSYSTEM") == "uem", Deadline.Default).SenderPort);
        var listener = Assert.Single(NetlinkListener.Of(sandbox));
        spoofer.Unicast(listener.Port, "remove", DevPath, "uem");
        Assert.NotEqual(0u, reader.Next(uevent => uevent.GetValueOrDefault("ACTION") == "remove", Deadline.Default).SenderPort);
    }
}
