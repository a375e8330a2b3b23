using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A client in any language can find out what the daemon offers.</summary>
public sealed class ServiceTests
{
    [Fact]
    public void The_daemon_describes_its_interfaces_with_the_files_of_the_source()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var probe = daemon.Connect();
        var interfaces = probe.Call("org.varlink.service.GetInfo").GetProperty("interfaces").EnumerateArray().Select(name => name.GetString()!).ToList();
        Assert.Equal(["org.ueventmanager.Control", "org.ueventmanager.Devices", "org.varlink.service"], interfaces.Order(StringComparer.Ordinal));
        foreach (var name in interfaces)
        {
            var file = Path.Combine(Repository.Root, "src/UeventManager/Varlink", name + ".varlink");
            var description = probe.Call("org.varlink.service.GetInterfaceDescription", new { @interface = name }).GetProperty("description").GetString();
            Assert.Equal(File.ReadAllText(file).Trim(), description!.Trim());
        }
    }

    [Fact]
    public void A_device_can_be_named_in_any_of_its_forms()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        foreach (var form in new[] { "/devices/virtual/net/lo", "/sys/devices/virtual/net/lo", "/sys/class/net/lo", "net:lo" })
            Assert.Equal("/devices/virtual/net/lo", new DeviceView(daemon.Call("Get", new { device = form }).GetProperty("device")).DevPath);
        using var probe = daemon.Connect();
        var error = probe.CallForError(VarlinkProbe.Devices + "Get", new { device = "net:nowhere" });
        Assert.Equal("org.ueventmanager.Devices.NoSuchDevice", error.Error);
        Assert.Equal("net:nowhere", error.Parameters.GetProperty("device").GetString());
    }

    [Fact]
    public void Invalid_bytes_close_their_own_connection_and_no_other()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        foreach (var nonsense in new[] { "{}\0", "[]\0", "{\"method\":7}\0", "no JSON\0" })
        {
            using var probe = daemon.Connect();
            probe.SendRaw(System.Text.Encoding.UTF8.GetBytes(nonsense));
            Assert.True(probe.IsClosed(Deadline.Default), $"{nonsense} was answered");
        }

        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
    }

    [Fact]
    public void A_filter_selects_exactly_what_it_names()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = new[] { "net" }, sysnames = new[] { "uem-*" }, actions = new[] { "add" } } });
        Assert.Empty(subscription.Picture);
        daemon.RunInTurn(sandbox, "ip link add uem-a type veth peer name other", "ip link del uem-a", "ip link add uem-z type veth peer name last");
        var events = subscription.EventsUntil(one => one.Is("add", "uem-z"));
        Assert.Equal(["uem-a", "uem-z"], events.Select(one => one.Device.SysName));
    }
}
