using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.RealClients;

/// <summary>The recipes of docs/forward.md as they are written, with podman and systemd-nspawn themselves: their namespaces and mounts.</summary>
public sealed class EngineTests
{
    // This sandbox has no right to cgroups, nor to raise limits.
    private const string Run = "podman --cgroup-manager=cgroupfs run --detach --cgroups=disabled --ulimit nofile=1024:1024 --ulimit nproc=1024:1024";

    private static readonly Dictionary<string, string> Environment = new() { ["STORAGE_DRIVER"] = "vfs", ["HOME"] = "/root", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    [Fact(Explicit = true)]
    public void A_container_uses_the_daemon_through_its_mounted_socket()
    {
        using var host = PodmanHost();
        using var daemon = DaemonProcess.Start(host);
        Podman(host, $"{Run} --name guest -v {daemon.RuntimeDirectory}:/run/uevent-manager:ro -v {Repository.Ueventctl}:/usr/bin/ueventctl:ro uem /usr/bin/ueventctl monitor --json");
        daemon.WaitForSubscribers(1);
        host.Run("ip link add uem-a type bridge").Ok();
        Hears(host, "guest", "\"sysname\":\"uem-a\"");
        Podman(host, "podman rm --force --time 0 guest");
    }

    [Fact(Explicit = true)]
    public void One_forwarder_that_watches_podmans_directory_serves_containers_that_come_and_go()
    {
        using var host = PodmanHost();
        using var daemon = DaemonProcess.Start(host);
        var forward = ForwardTests.Forward(host, daemon, "--watch", "/run/netns", "--run-udev", "/run/udev-guest", "--filter", "subsystem=net,sysname=uem-*");
        foreach (var name in new[] { "one", "two" })
        {
            Podman(host, $"{Run} --name {name} -v /run/udev-guest:/run/udev:ro uem /usr/bin/udevadm monitor --udev");
            var file = Assert.Single(Podman(host, $"podman inspect --format '{{{{.NetworkSettings.SandboxKey}}}}' {name}").Split('\n', StringSplitOptions.RemoveEmptyEntries));
            forward.WaitForErrorLine(line => line.EndsWith($"{file} is served from now on", StringComparison.Ordinal), Deadline.Default, $"{file}: {forward.Error}");
            Hears(host, name, "UDEV - the event");
        }
        host.Run("ip link add uem-a type bridge && ip link add other type bridge").Ok();
        foreach (var name in new[] { "one", "two" })
            Hears(host, name, "/devices/virtual/net/uem-a (net)");
        Podman(host, "podman rm --force --time 0 one");
        forward.WaitForErrorLine(line => line.EndsWith(" is gone", StringComparison.Ordinal), Deadline.Default, "the first one is gone");
        host.Run("ip link add uem-b type bridge").Ok();
        Hears(host, "two", "/devices/virtual/net/uem-b (net)");
        Assert.DoesNotContain("/other (net)", Podman(host, "podman logs two"), StringComparison.Ordinal);
        // A database for what a program opens by itself.
        Assert.Contains("G:settled", Podman(host, "podman exec two /bin/sh -c 'cat /run/udev/data/n*'"), StringComparison.Ordinal);
        Podman(host, "podman rm --force --time 0 two");
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    [Theory(Explicit = true)]
    [InlineData("--network none")]
    [InlineData("--network none --userns=auto")]
    public void A_container_in_another_user_namespace_is_served_by_the_pid_of_its_process(string options)
    {
        using var host = PodmanHost();
        using var daemon = DaemonProcess.Start(host);
        // The directory must be there before the container, and is: the forwarder of before.
        var before = ForwardTests.Forward(host, daemon, "--watch", "/run/none", "--run-udev", "/run/udev-guest");
        Podman(host, $"{Run} {options} --name guest -v /run/udev-guest:/run/udev:ro uem /bin/sleep 1000");
        Assert.Equal(0, ForwardTests.Terminate(before));
        var pid = Podman(host, "podman inspect --format '{{.State.Pid}}' guest").Trim();
        Assert.Equal(options.Contains("userns", StringComparison.Ordinal), File.ReadAllText($"/proc/{pid}/uid_map").Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] != "0");
        var forward = ForwardTests.Forward(host, daemon, "--pid", pid, "--run-udev", "/run/udev-guest");
        var monitor = host.Start(["podman", "exec", "guest", "/usr/bin/udevadm", "monitor", "--udev"], Environment);
        monitor.WaitForLine(line => line.StartsWith("UDEV - the event", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        host.Run("ip link add uem-a type bridge").Ok();
        monitor.WaitForLine(line => line.EndsWith("/devices/virtual/net/uem-a (net)", StringComparison.Ordinal), Deadline.Default, "the device");
        Podman(host, "podman rm --force --time 0 guest");
        // It ends with its namespace.
        Assert.Equal(0, forward.WaitForExit(Deadline.Default));
    }

    [Fact(Explicit = true)]
    public void A_container_of_systemd_nspawn_is_served_by_the_pid_of_its_leader()
    {
        using var host = Host();
        host.Run($"mkdir /run/machine && tar --extract --directory /run/machine --file {Tree}/image.tar").Ok();
        using var daemon = DaemonProcess.Start(host);
        var before = ForwardTests.Forward(host, daemon, "--watch", "/run/none", "--run-udev", "/run/udev-guest");
        // Without machined and cgroups, which this sandbox has not.
        var nspawn = host.Start([
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--directory=/run/machine", "--bind-ro=/run/udev-guest:/run/udev",
            "/bin/sh", "-c", "echo begun; read line; exec /usr/bin/udevadm monitor --udev",
        ]);
        nspawn.WaitForLine(line => line.Trim() == "begun", Deadline.Default, $"the container: {nspawn.Error}");
        Assert.Equal(0, ForwardTests.Terminate(before));
        // As machinectl tells it.
        var leader = File.ReadAllText($"/proc/{nspawn.Pid}/task/{nspawn.Pid}/children").Split(' ')[0];
        var forward = ForwardTests.Forward(host, daemon, "--pid", leader, "--run-udev", "/run/udev-guest");
        nspawn.Say("go");
        nspawn.WaitForLine(line => line.StartsWith("UDEV - the event", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        host.Run("ip link add uem-a type bridge").Ok();
        nspawn.WaitForLine(line => line.TrimEnd().EndsWith("/devices/virtual/net/uem-a (net)", StringComparison.Ordinal), Deadline.Default, "the device");
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    private static string Tree => Path.Combine(Repository.Root, "artifacts/tools/engines");

    private static Sandbox Host()
    {
        if (!File.Exists(Tree + "/complete"))
            Assert.Skip($"needs the packages of podman and systemd-nspawn, unpacked: {ClientTree.Fix}");
        var host = ForwardTests.Host();
        host.Run($"{Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/engines.sh")} {Tree}/tree").Ok();
        return host;
    }

    private static Sandbox PodmanHost()
    {
        var host = Host();
        Podman(host, $"podman --cgroup-manager=cgroupfs import {Tree}/image.tar uem");
        return host;
    }

    private static string Podman(Sandbox host, string line)
    {
        using var process = host.Start(["sh", "-c", line], Environment);
        process.CloseInput();
        Assert.True(process.WaitForExit(Deadline.Seconds(60)) == 0, $"{line}: {process.Error}{process.Output}");
        return process.Output;
    }

    private static void Hears(Sandbox host, string name, string what) =>
        Eventually.Holds(() => Podman(host, $"podman logs {name}").Contains(what, StringComparison.Ordinal), Deadline.Default, $"{name} hears {what}");
}
