using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary><c>ueventctl retell</c> among leftover entries, without udevadm, and with sockets of others: no gate stays shut.</summary>
public sealed class RetellEndTests : IDisposable
{
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly UdevdProcess _udevd;

    public RetellEndTests() => _udevd = UdevdProcess.Start(_sandbox);

    public void Dispose()
    {
        _udevd.Dispose();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData("--open", true)]
    [InlineData("--open", false)]
    [InlineData("SIGTERM", true)]
    [InlineData("SIGTERM", false)]
    [InlineData("the daemon is killed", true)]
    public void Leftover_entries_and_a_missing_udevadm_keep_no_gate_shut(string how, bool hasUdevadm)
    {
        using var daemon = Gated();
        Directory.CreateDirectory(_udevd.Database);
        // Devices of these have gone, have never been, or are something else.
        foreach (var name in new[] { "+net:gone", "+pci:0000:ff:1f.7", "+nothing:of:it", "+drivers:pci:none", "b4000:1", "c4000:1", "n999999", "x", "+" })
            File.WriteAllText(Path.Combine(_udevd.Database, name), "E:UEVENT_SETTLED=0\nV:1\n");
        _sandbox.Run($"mkfifo {_udevd.Database}/+net:fifo && mkdir {_udevd.Database}/+net:directory && ln -s nowhere {_udevd.Database}/+net:link").Ok();
        using var retell = Retell(daemon, hasUdevadm);
        _sandbox.Run("ip link add v0 type veth peer name x0").Ok();
        Eventually.Holds(() => Entry("v0").Contains("E:UEVENT_SETTLED=0"), Deadline.Default, "the gate is shut");
        if (how == "the daemon is killed")
        {
            daemon.Kill();
        }
        else
        {
            retell.Signal(how == "SIGTERM" ? Syscalls.SIGTERM : Syscalls.SIGKILL);
            Assert.Equal(how == "SIGTERM" ? 0 : 128 + 9, retell.WaitForExit(Deadline.Default));
            if (how == "--open")
                Assert.Equal(0, Ueventctl(hasUdevadm, "retell", "--open").WaitForExit(Deadline.Default));
            Assert.False(File.Exists($"{_udevd.Run}/udev/rules.d/71-uevent-manager.rules"), "udev's rules are gone");
        }
        Eventually.Holds(() => Entry("v0") is { Length: > 0 } lines && !lines.Contains("E:SYSTEMD_READY=0"), Deadline.Default, "the gate is open");
    }

    [Fact]
    public void A_gate_that_a_killed_udevd_left_shut_is_opened_by_the_next_udevd()
    {
        using var daemon = Gated();
        using var retell = Retell(daemon, true);
        _sandbox.Run("ip link add v0 type veth peer name x0").Ok();
        Eventually.Holds(() => Entry("v0").Contains("E:UEVENT_SETTLED=0"), Deadline.Default, "the gate is shut");
        using var kernel = _sandbox.Start(_udevd.Inside("stdbuf", "-oL", "udevadm", "monitor", "--kernel"));
        kernel.WaitForLine(line => line.StartsWith("KERNEL - ", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        _udevd.Freeze();
        _sandbox.Run("echo ready > /sys/class/net/v0/ifalias").Ok();
        kernel.WaitForLine(line => line.Contains(" move ", StringComparison.Ordinal) && line.Contains("/net/v0 ", StringComparison.Ordinal), Deadline.Default, "udevd was made to open it");
        _udevd.Replace(_sandbox, retell);
        Assert.Contains("E:UEVENT_SETTLED=0", Entry("v0"));
        Eventually.Holds(() => Entry("v0").Contains("E:UEVENT_SETTLED=1"), Deadline.Seconds(60), "the gate is open");
    }

    [Fact]
    public void A_socket_without_an_answer_and_a_forwarder_are_not_taken_for_udevd()
    {
        using var daemon = DaemonProcess.Start(_sandbox);
        using var run = new ScratchDirectory("run");
        File.WriteAllText(run.Combine("io.systemd.Udev"), "");
        string[] retell = ["--socket", daemon.SocketPath, "--gate", run.Combine("gate"), "--run-udev", run.Path];
        Assert.Contains("udevd does not run", Refusal(retell), StringComparison.Ordinal);
        var forward = _sandbox.Start([Repository.Ueventctl, "forward", "--socket", daemon.SocketPath, "--run-udev", run.Path, "--netns", "/proc/self/ns/net"]);
        forward.WaitForErrorLine(line => line.Contains("from now on", StringComparison.Ordinal), Deadline.Default, "it forwards");
        Assert.Contains("ueventctl forward answers there", Refusal(retell), StringComparison.Ordinal);
        Assert.Contains("/nowhere/is: no such directory", Refusal("--socket", daemon.SocketPath, "--gate", "/nowhere/is/gate", "--run-udev", $"{_udevd.Run}/udev"), StringComparison.Ordinal);
    }

    [Fact]
    public void Settling_waits_for_udevd_where_there_is_one_and_says_what_udevadm_says()
    {
        using var daemon = DaemonProcess.Start(_sandbox);
        string[] settle = ["settle", "--udev", "--timeout", "60s", "--socket", _udevd.PathInside(daemon.SocketPath)];
        Assert.Equal(0, Ueventctl(true, settle).WaitForExit(Deadline.Default));
        var without = Ueventctl(false, settle);
        Assert.Equal((1, "ueventctl: udevadm is not installed, so there is no way to wait for udevd\n"), (without.WaitForExit(Deadline.Default), without.Error));
        using var tools = new ScratchDirectory("tools");
        File.WriteAllText(tools.Combine("udevadm"), "#!/bin/sh\necho 'Failed to connect to udev' >&2\nexit 1\n");
        _sandbox.Run($"chmod 755 {tools.Combine("udevadm")}").Ok();
        var failing = Run(_udevd.PathInside(tools.Path), settle);
        Assert.Equal((1, "ueventctl: udevadm settle: Failed to connect to udev\n"), (failing.WaitForExit(Deadline.Default), failing.Error));
        // One that never answers is a timeout.
        File.WriteAllText(tools.Combine("udevadm"), "#!/bin/sh\nexec /usr/bin/tail -f /dev/null\n");
        var hanging = Run(_udevd.PathInside(tools.Path), "settle", "--udev", "--timeout", "1s", "--socket", _udevd.PathInside(daemon.SocketPath));
        Assert.Equal(3, hanging.WaitForExit(Deadline.Default));
        Assert.Contains("timed out; udevd is still working on events", hanging.Error, StringComparison.Ordinal);
        // Without udevd nothing is to be waited for, whoever is asked.
        var alone = _sandbox.Start(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && exec \"$@\"", "sh", Repository.Ueventctl, "settle", "--udev", "--socket", daemon.SocketPath]);
        Assert.True(alone.WaitForExit(Deadline.Default) == 0, alone.Error);
    }

    private DaemonProcess Gated() => DaemonProcess.Start(_sandbox, new DaemonOptions
    {
        Rules = """
            version: 1
            subsystem: net
            rules:
              - {name: named, on: [add], match: {sysname: "v*"}, wait: [{attribute: ifalias, equals: ready}], timeout: 10min, gate: ready}
            """,
    });

    private RunningProcess Retell(DaemonProcess daemon, bool hasUdevadm) => _udevd.Retell(_sandbox, daemon, hasUdevadm ? [] : ["PATH=/nonexistent"]);

    private RunningProcess Ueventctl(bool hasUdevadm, params string[] arguments) => hasUdevadm ? Run(null, arguments) : Run("/nonexistent", arguments);

    private RunningProcess Run(string? path, params IEnumerable<string> arguments) =>
        _sandbox.Start(_udevd.Inside(["env", .. path is null ? Array.Empty<string>() : [$"PATH={path}"], Repository.Ueventctl, .. arguments]));

    private string Refusal(params string[] arguments)
    {
        var process = _sandbox.Start([Repository.Ueventctl, "retell", .. arguments]);
        Assert.Equal(1, process.WaitForExit(Deadline.Default));
        return process.Error;
    }

    private string[] Entry(string name)
    {
        var path = $"{_udevd.Database}/n{_sandbox.Run($"cat /sys/class/net/{name}/ifindex").Ok().Output.Trim()}";
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }
}
