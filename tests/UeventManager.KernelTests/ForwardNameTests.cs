using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The kernel takes any byte in a name but a space, '/' and ':' (dev_valid_name()). A client that is told another name opens nothing.</summary>
public sealed class ForwardNameTests
{
    // As the bytes 0xff, 0xfe and 0xfd, which are no UTF-8, beside text that looks like such a byte.
    private const string Name = @"\xff" + "ÿþ", Other = @"\xff" + "ý";

    [Fact]
    public void A_client_of_udevs_is_told_the_kernels_name()
    {
        Requires.Tools("udevadm");
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        using var heard = new ScratchDirectory("heard");
        string[] arguments = ["--pid", ForwardTests.PidOf(container), "--run-udev", run.Path];
        var forward = ForwardTests.Forward(sandbox, daemon, arguments);
        ForwardTests.BindRun(container, run.Path);
        var file = heard.Combine("monitor");
        container.Start(["sh", "-c", $"exec stdbuf -oL {ForwardTests.Udevadm} monitor --udev --property --subsystem-match=net > {file}"]);
        Eventually.Holds(() => Bytes(file).Contains("UDEV - the event", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        Shell(sandbox, $"ip link add \"{Name}\" type bridge");
        Wait(file, " add ", $"DEVPATH=/devices/virtual/net/{Name}", $"INTERFACE={Name}", "TAGS=:settled:");

        // What a run before has told is known by the same name.
        forward.Signal(Syscalls.SIGKILL);
        forward.WaitForExit(Deadline.Default);
        forward = ForwardTests.Forward(sandbox, daemon, arguments);
        Shell(sandbox, $"ip link set \"{Name}\" name \"{Other}\"");
        Wait(file, " move ", $"DEVPATH=/devices/virtual/net/{Other}", $"DEVPATH_OLD=/devices/virtual/net/{Name}", $"INTERFACE={Other}");
        Shell(sandbox, $"ip link del \"{Other}\"");
        Wait(file, " remove ", $"DEVPATH=/devices/virtual/net/{Other}");
        Assert.DoesNotContain(@"\xff\xff", Bytes(file), StringComparison.Ordinal);
        Assert.Equal(["add", "move", "remove"], Bytes(file).Split('\n').Where(line => line.StartsWith("ACTION=", StringComparison.Ordinal)).Select(line => line["ACTION=".Length..]));
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    [Fact]
    public void A_udevd_of_the_namespace_gets_the_events_as_from_the_kernel()
    {
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var socket = UeventSocket.Open(container, groups: 1);
        ForwardTests.Forward(sandbox, daemon, "--netns", $"/proc/{ForwardTests.PidOf(container)}/ns/net", "--format", "kernel", "--filter", "subsystem=net");
        Shell(sandbox, $"ip link add \"{Name}\" type bridge");
        var buffer = new byte[8192];
        Assert.True(socket.WaitReadable(Deadline.Default), "the event");
        var text = Encoding.Latin1.GetString(buffer, 0, socket.TryReceive(buffer, out _));
        Assert.StartsWith($"add@/devices/virtual/net/{Name}\0", text, StringComparison.Ordinal);
        Assert.Contains($"\0INTERFACE={Name}\0", text, StringComparison.Ordinal);
    }

    private static void Wait(string file, string first, params string[] lines) => Eventually.Holds(
        () =>
        {
            // The last event that was printed.
            var text = Bytes(file);
            var at = text.LastIndexOf("UDEV  [", StringComparison.Ordinal);
            return at >= 0 && text.IndexOf('\n', at) is var end and > 0 && text[at..end].Contains(first, StringComparison.Ordinal)
                && lines.All(line => text[at..].Contains($"\n{line}\n", StringComparison.Ordinal));
        },
        Deadline.Default,
        $"{first}: {string.Join(", ", lines)}");

    private static string Bytes(string file) => File.Exists(file) ? File.ReadAllText(file, Encoding.Latin1) : "";

    // The shell gets each character as one byte.
    private static void Shell(Sandbox sandbox, string line) =>
        sandbox.Run(string.Concat(line.Select(one => one > '~' ? $"$(printf '\\{Convert.ToString(one, 8)}')" : $"{one}"))).Ok();
}
