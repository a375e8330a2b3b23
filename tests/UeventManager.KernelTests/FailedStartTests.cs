using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using UeventManager.KernelTests.Harness;
using UeventManager.KernelTests.Units;

namespace UeventManager.KernelTests;

/// <summary>A failed start leaves the hand-over for the next one.</summary>
public sealed class FailedStartTests : IDisposable
{
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _scratch = new("fail");

    public FailedStartTests() => _sysfs.SetSeqnum(1);

    public void Dispose()
    {
        _sandbox.Dispose();
        _sysfs.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("rules")]
    [InlineData("taken")]
    [InlineData("no socket")]
    [InlineData("sysfs")]
    [InlineData("netlink")]
    [InlineData("group")]
    public void A_failed_start_keeps_the_hand_over(string cause)
    {
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        string cursor;
        using (var injector = new UeventInjector(_sandbox))
        using (var subscription = daemon.Subscribe())
        {
            injector.Send("add", _sysfs.AddDevice("/devices/virtual/fail/f", "fail"));
            cursor = subscription.NextEvent().Cursor;
        }
        Assert.Equal(0, daemon.Terminate());
        var state = daemon.SocketPath + ".state";
        var before = File.ReadAllBytes(state);
        using (Spoil(cause, daemon))
        {
            string[] prefix = cause == "netlink" ? SystemCallFilter.Launcher(WithoutNetlink()) : [];
            var sysfs = cause == "sysfs" ? _scratch.Combine("nowhere") : _sysfs.Root;
            string[] more = cause == "group" ? ["--socket-group", "no-such-group"] : [];
            using var failing = _sandbox.Start([.. prefix, Repository.Ueventctl, "daemon", "--sysfs", sysfs, "--socket", daemon.SocketPath, "--rules", daemon.RulesDirectory, .. more]);
            Assert.InRange(failing.WaitForExit(Deadline.Default), 1, 2);
            Assert.StartsWith("ueventctl: ", failing.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", failing.Error, StringComparison.Ordinal);
        }
        Assert.Equal(before, File.ReadAllBytes(state));
        Assert.Equal(["rules.d", "socket.state"], Directory.GetFileSystemEntries(daemon.RuntimeDirectory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        daemon.StartAgain();
        using var resumed = daemon.Subscribe(new { cursor });
        Assert.Empty(resumed.Gaps);
    }

    // What is in the way until it is disposed of.
    private static Undo Spoil(string cause, DaemonProcess daemon)
    {
        var file = Path.Combine(daemon.RulesDirectory, "20-bad.yaml");
        switch (cause)
        {
            case "rules":
                File.WriteAllText(file, "version: 1\nsubsystem: fail\nrules: [{name: a, nonsense: 1}]\n");
                return new Undo(() => File.Delete(file));
            case "no socket":
                File.WriteAllText(daemon.SocketPath, "a file");
                return new Undo(() => File.Delete(daemon.SocketPath));
            case "taken":
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(daemon.SocketPath));
                socket.Listen(1);
                return new Undo(() =>
                {
                    socket.Dispose();
                    File.Delete(daemon.SocketPath);
                });
            default:
                return new Undo(() => { });
        }
    }

    // socket(AF_NETLINK, …) fails with EPERM, as under RestrictAddressFamilies=; all else is as it was. struct sock_filter: code, jt, jf, k.
    private string WithoutNetlink()
    {
        Requires.Tools("perl");
        var number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 41u : 198u; // __NR_socket
        (ushort Code, byte True, byte False, uint Value)[] program =
        [
            (0x20, 0, 0, 0), // ld nr
            (0x15, 0, 3, number),
            (0x20, 0, 0, 16), // ld the first argument
            (0x15, 0, 1, Syscalls.AF_NETLINK),
            (0x06, 0, 0, 0x00050001), // SECCOMP_RET_ERRNO | EPERM
            (0x06, 0, 0, 0x7fff0000), // SECCOMP_RET_ALLOW
        ];
        var bytes = new byte[program.Length * 8];
        for (var i = 0; i < program.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 8), program[i].Code);
            (bytes[(i * 8) + 2], bytes[(i * 8) + 3]) = (program[i].True, program[i].False);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((i * 8) + 4), program[i].Value);
        }
        File.WriteAllBytes(_scratch.Combine("filter"), bytes);
        return _scratch.Combine("filter");
    }

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
