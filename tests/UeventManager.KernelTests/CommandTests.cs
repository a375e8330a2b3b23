using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The commands of an administrator.</summary>
public sealed class CommandTests
{
    [Fact]
    public void Monitor_prints_what_the_daemon_announces()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var monitor = sandbox.Start([Repository.Ueventctl, "monitor", "--json", "--socket", daemon.SocketPath]);
        daemon.WaitForSubscribers(1);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        var line = monitor.WaitForLine(text => text.Contains("uem-a", StringComparison.Ordinal), Deadline.Default, "the event");
        Assert.True(new EventView(JsonDocument.Parse(line).RootElement).Is("add", "uem-a"), line);
    }

    [Fact]
    public void Monitor_goes_on_over_a_restart_of_the_daemon_and_prints_each_event_once()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        var monitor = sandbox.Start([Repository.Ueventctl, "monitor", "--json", "--socket", daemon.SocketPath]);
        daemon.WaitForSubscribers(1);
        for (var i = 0; i < 3; i++)
        {
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/re/before{i}", "re"));
            monitor.WaitForLine(text => text.Contains($"before{i}", StringComparison.Ordinal), Deadline.Default, "an event before the stop");
            Assert.Equal(0, daemon.Terminate());
            monitor.WaitForErrorLine(text => text.Contains("was lost", StringComparison.Ordinal), Deadline.Default, "that the connection was lost");
            sysfs.AddDevice($"/devices/virtual/re/meanwhile{i}", "re");
            daemon.StartAgain();
            monitor.WaitForLine(text => text.Contains($"meanwhile{i}", StringComparison.Ordinal), Deadline.Default, "what came between");
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/re/after{i}", "re"));
            monitor.WaitForLine(text => text.Contains($"after{i}", StringComparison.Ordinal), Deadline.Default, "an event after the start");
        }
        monitor.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, monitor.WaitForExit(Deadline.Default));
        Assert.Equal(Enumerable.Repeat("""{"gap":{"reason":"restarted"}}""", 3), monitor.Lines.Where(line => line.StartsWith("{\"gap\"", StringComparison.Ordinal)));
        var events = monitor.Lines.Where(line => !line.StartsWith("{\"gap\"", StringComparison.Ordinal)).Select(line => new EventView(JsonDocument.Parse(line).RootElement)).Select(one => $"{one.Action} {one.Device.SysName}");
        Assert.Equal(Enumerable.Range(0, 3).SelectMany(i => new[] { $"add before{i}", $"add meanwhile{i}", $"add after{i}" }), events);
        Assert.Equal(3, monitor.ErrorLines.Count(line => line.Contains("was lost", StringComparison.Ordinal)));
        // The tree does not tell whether the kernel sent more meanwhile.
        Assert.Equal(3, monitor.ErrorLines.Count(line => line.Contains("events may have been lost: restarted", StringComparison.Ordinal)));
        Assert.Equal(3, monitor.ErrorLines.Count(line => line.Contains("again", StringComparison.Ordinal)));
    }

    [Fact]
    public void List_info_and_status_show_a_device_that_exists()
    {
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        Assert.Contains("uem-a", Run(sandbox, daemon, "list").Ok().Output, StringComparison.Ordinal);
        Assert.Contains("/devices/virtual/net/uem-a", Run(sandbox, daemon, "info net:uem-a").Ok().Output, StringComparison.Ordinal);
        Assert.NotEmpty(Run(sandbox, daemon, "status").Ok().Output);
        var unknown = Run(sandbox, daemon, "info net:nowhere");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("net:nowhere", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_with_watch_redraws_until_it_is_interrupted()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var status = sandbox.Start([Repository.Ueventctl, "status", "--watch", "--json", "--socket", daemon.SocketPath]);
        long Devices(string line) => JsonDocument.Parse(line).RootElement.GetProperty("devices").GetInt64();
        var before = Devices(status.WaitForLine(_ => true, Deadline.Default, "the first status"));
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        var later = status.WaitForLine(line => Devices(line) == before + 2, Deadline.Default, "two devices more");
        Assert.Contains(JsonDocument.Parse(later).RootElement.GetProperty("lags").EnumerateArray(), lag => lag.GetProperty("subsystem").GetString() == "net");
        status.Signal(Syscalls.SIGINT);
        Assert.Equal((0, ""), (status.WaitForExit(Deadline.Default), status.Error));
    }

    [Fact]
    public void Status_names_the_slowest_subsystems()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        Assert.Matches(@"(?s)slowest subsystems\n  SUBSYSTEM +EVENTS +MEAN +99 % WITHIN\n.*\n?  net +[1-9]", Run(sandbox, daemon, "status").Ok().Output);
    }

    [Fact]
    public void Without_a_daemon_a_command_prints_one_line_and_exits_with_4()
    {
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("nowhere");
        var result = sandbox.Run($"{Repository.Ueventctl} list --socket {scratch.Combine("socket")}");
        Assert.Equal(4, result.ExitCode);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private static CommandResult Run(Sandbox sandbox, DaemonProcess daemon, string verb) =>
        sandbox.Run($"{Repository.Ueventctl} {verb} --socket {daemon.SocketPath}");
}
