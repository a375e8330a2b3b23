using UeventManager.KernelTests.Harness;
using UeventManager.KernelTests.RealClients;

namespace UeventManager.KernelTests;

/// <summary>Each namespace of a watched directory is served while it exists, or the log names the reason why not.</summary>
public sealed class ForwardWatchTests : IDisposable
{
    private readonly Sandbox _host = ForwardTests.Host();
    private readonly DaemonProcess _daemon;
    private readonly ScratchDirectory _names = new("netns");

    public ForwardWatchTests() => _daemon = DaemonProcess.Start(_host);

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
        _names.Dispose();
    }

    [Fact]
    public void Namespaces_come_and_go_and_one_forwarder_tells_each()
    {
        Requires.Tools("udevadm");
        _host.Run("ip netns add uem1").Ok();
        var forward = ForwardTests.Forward(_host, _daemon, "--watch", "/run/netns");
        _host.Run("ip netns add uem2").Ok();
        Told(forward, "/run/netns/uem2");
        var monitors = new[] { "uem1", "uem2" }.Select(name => UdevMonitor.Start(_host, ["ip", "netns", "exec", name], [ForwardTests.Udevadm])).ToArray();
        _host.Run("ip link add uem-a type bridge").Ok();
        foreach (var monitor in monitors)
            monitor.WaitForLine(line => line.EndsWith("uem-a (net)", StringComparison.Ordinal), Deadline.Default, "the device");
        _host.Run("ip netns del uem1").Ok();
        forward.WaitForErrorLine(line => line.Contains("/run/netns/uem1 is gone", StringComparison.Ordinal), Deadline.Default, "the first goes");
        _host.Run("ip link add uem-b type bridge").Ok();
        monitors[1].WaitForLine(line => line.EndsWith("uem-b (net)", StringComparison.Ordinal), Deadline.Default, "the next device");
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    [Fact]
    public void A_namespace_in_which_udevd_sends_is_left_alone_and_the_next_one_of_its_name_is_served()
    {
        using var container = Sandbox.Create();
        using var other = Sandbox.Create();
        using var next = Sandbox.Create();
        var forward = ForwardTests.Forward(_host, _daemon, "--watch", _names.Path);
        Name("one", container);
        Told(forward, _names.Combine("one"));
        using (var udevd = UeventSocket.Open(container, groups: 0))
            udevd.Send(PlainForwarder.Message(new() { ["ACTION"] = "add", ["DEVPATH"] = "/devices/virtual/mem/uem", ["SUBSYSTEM"] = "mem", ["SEQNUM"] = "1" }), port: 0, groups: 2);
        forward.WaitForErrorLine(line => line.Contains("one: udevd sends events there too", StringComparison.Ordinal), Deadline.Default, "udevd is heard");
        // Whoever is told behind it shows that the directory was read since.
        Name("two", other);
        Told(forward, _names.Combine("two"));
        Assert.Equal(1, TimesTold(forward, "one"));
        File.Delete(_names.Combine("one"));
        Name("one", next);
        Eventually.Holds(() => TimesTold(forward, "one") == 2, Deadline.Default, "another namespace of that name is told");
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    [Fact]
    public void A_namespace_that_cannot_be_served_is_reported_once_the_error_persists()
    {
        using var container = Sandbox.Create();
        var first = ForwardTests.Forward(_host, _daemon, "--format", "libudev-zero", "--pid", ForwardTests.PidOf(container));
        var forward = ForwardTests.Forward(_host, _daemon, "--watch", _names.Path);
        File.WriteAllText(_names.Combine("file"), "");
        Name("told", container);
        forward.WaitForErrorLine(line => line.Contains("/file, which is not a namespace", StringComparison.Ordinal) && line.Contains("; not served", StringComparison.Ordinal), Deadline.Default, "a file");
        forward.WaitForErrorLine(line => line.Contains("another forwarder serves it already", StringComparison.Ordinal) && line.Contains("; not served", StringComparison.Ordinal), Deadline.Default, "one that another forwarder tells");
        Assert.Equal(0, ForwardTests.Terminate(first));
        Told(forward, _names.Combine("told"));
        Assert.Equal(2, forward.ErrorLines.Count(line => line.Contains("; not served", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_watched_directory_may_be_created_later_and_removed_again()
    {
        using var container = Sandbox.Create();
        var later = _names.Combine("later");
        var forward = ForwardTests.Forward(_host, _daemon, "--watch", later);
        forward.WaitForErrorLine(line => line.Contains("/later: no such directory yet", StringComparison.Ordinal), Deadline.Default, "it is missing");
        for (var round = 1; round <= 2; round++)
        {
            Directory.CreateDirectory(later);
            Name("later/one", container);
            Eventually.Holds(() => TimesTold(forward, "one") == round, Deadline.Default, "it is told");
            Directory.Delete(later, recursive: true);
            Eventually.Holds(() => forward.ErrorLines.Count(line => line.EndsWith("/one is gone", StringComparison.Ordinal)) == round, Deadline.Default, "it goes");
        }
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    private static int TimesTold(RunningProcess forward, string name) => forward.ErrorLines.Count(line => line.EndsWith($"/{name} is served from now on", StringComparison.Ordinal));

    private static void Told(RunningProcess forward, string path) =>
        forward.WaitForErrorLine(line => line.Contains($"{path} is served from now on", StringComparison.Ordinal), Deadline.Default, $"{path} is told");

    private void Name(string name, Sandbox sandbox) => File.CreateSymbolicLink(_names.Combine(name), $"/proc/{ForwardTests.PidOf(sandbox)}/ns/net");
}
