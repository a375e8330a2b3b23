using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The distribution's own libudev, which silently rejects unexpected messages.</summary>
public sealed class ForwardClientTests
{
    [Fact]
    public void Libudev_takes_the_messages_of_a_device_over_its_life()
    {
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox);
        ForwardTests.Forward(sandbox, daemon, "--tag", "mine");
        var (hears, otherTag) = (LibudevClient.Start(sandbox, "net", "-", "mine"), LibudevClient.Start(sandbox, "net", "-", "other"));
        daemon.RunInTurn(sandbox, "ip link add uem-a type bridge", "ip link set uem-a name uem-b", "ip link del uem-b");
        hears.WaitForLine(line => line.StartsWith("remove uem-b", StringComparison.Ordinal), Deadline.Default, "the remove");
        LibudevClient.IsDeaf(otherTag);
        var heard = LibudevClient.All(hears);
        Assert.Equal(["add uem-a", "move uem-b", "remove uem-b"], heard.Select(one => $"{one.Action} {one.Name}"));
        Assert.All(heard, one => Assert.True(one is { IsInitialized: true, Tags: "mine,settled" or "settled,mine", Seqnum: > 0 }, one.ToString()));
    }

    [Fact]
    public void A_program_receives_only_the_subsystem_devtype_and_tag_of_its_filter()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root, "--tag", "mine");
        var disks = LibudevClient.Start(sandbox, sysfs, "block", "disk", "-", "DEVNAME");
        var partitions = LibudevClient.Start(sandbox, sysfs, "block", "partition", "mine");
        var blocks = LibudevClient.Start(sandbox, sysfs, "block", "-", "-");
        RunningProcess[] deaf =
        [
            LibudevClient.Start(sandbox, sysfs, "net", "-", "-"), LibudevClient.Start(sandbox, sysfs, "block", "other", "-"), LibudevClient.Start(sandbox, sysfs, "block", "-", "other"),
        ];
        using var kernel = new UeventInjector(sandbox);
        string[] disk = ["MAJOR=259", "MINOR=700", "DEVNAME=uemdisk", "DEVTYPE=disk"], partition = ["MAJOR=259", "MINOR=701", "DEVNAME=uemdisk1", "DEVTYPE=partition"];
        kernel.Send("add", sysfs.AddDevice("/devices/virtual/block/uemdisk", "block", disk), disk);
        kernel.Send("add", sysfs.AddDevice("/devices/virtual/block/uemdisk/uemdisk1", "block", partition), partition);
        blocks.WaitForLine(line => line.StartsWith("add uemdisk1", StringComparison.Ordinal), Deadline.Default, "the partition");
        partitions.WaitForLine(line => line.StartsWith("add uemdisk1", StringComparison.Ordinal), Deadline.Default, "the partition");
        Assert.Equal(["uemdisk", "uemdisk1"], LibudevClient.All(blocks).Select(one => one.Name));
        Assert.Equal(["uemdisk1"], LibudevClient.All(partitions).Select(one => one.Name));
        disks.WaitForLine(line => line.StartsWith("add uemdisk ", StringComparison.Ordinal), Deadline.Default, "the disk");
        Assert.Equal(["uemdisk /dev/uemdisk"], LibudevClient.All(disks).Select(one => $"{one.Name} {one.Values[0]}"));
        foreach (var client in deaf)
            LibudevClient.IsDeaf(client);
    }

    [Fact]
    public void A_devices_database_entry_exists_when_its_event_arrives()
    {
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox);
        ForwardTests.Forward(sandbox, daemon);
        var client = LibudevClient.Start(sandbox, "net", "-", "-");
        sandbox.Run("for i in $(seq 60); do ip link add uem-$i type bridge; done").Ok();
        client.WaitForLine(line => line.StartsWith("add uem-60 ", StringComparison.Ordinal), Deadline.Default, "the last");
        Assert.All(LibudevClient.All(client).Where(one => one.Action == "add"), one => Assert.Equal("stored", one.Stored));
    }

    [Fact]
    public void A_message_that_is_too_long_for_older_clients_sheds_properties_and_the_log_says_which()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        using var udev = new ScratchDirectory("udevdb");
        Directory.CreateDirectory(udev.Combine("data"));
        File.WriteAllText(udev.Combine("data/+uem:big"), $"I:1\nE:ID_LONG={new string('l', 6000)}\nE:ID_SHORT={new string('s', 3000)}\nV:1\n");
        // An entry that is older than the add would be of whoever had the name before.
        File.SetLastWriteTimeUtc(udev.Combine("data/+uem:big"), DateTime.UtcNow.AddHours(1));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Arguments = ["--udev-db", udev.Combine("data")],
            Rules = "version: 1\nsubsystem: uem\nrules: [{name: stored, attach: {udev: [\"ID_*\"]}}]\n",
        });
        var forward = ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        var client = LibudevClient.Start(sandbox, sysfs, "uem", "-", "settled", "ID_SHORT", "ID_LONG");
        using var kernel = new UeventInjector(sandbox);
        kernel.Send("add", sysfs.AddDevice("/devices/virtual/uem/big", "uem"));
        client.WaitForLine(line => line.StartsWith("add big ", StringComparison.Ordinal), Deadline.Default, "the device");
        Assert.Equal([new string('s', 3000), "-"], Assert.Single(LibudevClient.All(client)).Values);
        forward.WaitForErrorLine(line => line.EndsWith("/devices/virtual/uem/big: left out of a message of 8191 bytes: ID_LONG (logged once, and counted)", StringComparison.Ordinal), Deadline.Default, "the log names it");
        Assert.Contains("E:ID_LONG=lll", sandbox.Run("cat /run/udev/data/+uem:big").Ok().Output, StringComparison.Ordinal);
        Assert.Equal(0, ForwardTests.Terminate(forward));
        Assert.EndsWith("1 message was shortened and 0 not sent, in all: too long\n", forward.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_of_libudev_zero_receives_the_kernels_text_in_a_group_of_its_own()
    {
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = ForwardTests.Rules });
        using var run = new ScratchDirectory("udev");
        using var listener = UeventSocket.Open(container, groups: 4);
        ForwardTests.Forward(sandbox, daemon, "--netns", $"/proc/{ForwardTests.PidOf(container)}/ns/net", "--format", "libudev-zero", "--filter", "subsystem=net,sysname=uem-*", "--run-udev", run.Path);
        sandbox.Run("ip link add uem-late type bridge && ip link add uem-a type bridge && ip link set uem-late mtu 1400").Ok();
        var heard = new[] { Next(listener), Next(listener) };
        Assert.StartsWith("add@/devices/virtual/net/uem-a\0ACTION=add\0DEVPATH=/devices/virtual/net/uem-a\0SUBSYSTEM=net\0", heard[0], StringComparison.Ordinal);
        Assert.StartsWith("add@/devices/virtual/net/uem-late\0", heard[1], StringComparison.Ordinal);
        Assert.All(heard, text => Assert.Matches("\0SEQNUM=[1-9][0-9]*\0", text));
        Assert.All(heard, text => Assert.DoesNotContain("UDEV_DATABASE_VERSION", text, StringComparison.Ordinal));
        // It has no database.
        Assert.False(Directory.Exists(run.Combine("data")));
    }

    private static string Next(UeventSocket socket)
    {
        var buffer = new byte[8192];
        Assert.True(socket.WaitReadable(Deadline.Default), "nothing was heard");
        return System.Text.Encoding.UTF8.GetString(buffer, 0, socket.TryReceive(buffer, out _));
    }
}
