using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Explain, release and reload as an administrator uses them.</summary>
public sealed class ControlTests
{
    private const string Control = "org.ueventmanager.Control.";

    private const string Rules = """
        version: 1
        subsystem: late
        rules:
          - name: quick
            match: {sysname: "held*"}
            wait: [{exists: ready}]
            timeout: 50ms
          - name: ready
            wait: [{exists: ready}, {attribute: speed, atLeast: 10}]
            timeout: 10min
        """;

    [Fact]
    public void Explain_answers_for_devices_that_wait_are_announced_held_or_gone()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = Start(sandbox, sysfs);
        using var injector = new UeventInjector(sandbox);
        var device = sysfs.AddDevice("/devices/virtual/late/one", "late");
        device.Write("speed", "5\n");
        injector.Send("add", device);
        injector.Send("add", sysfs.AddDevice("/devices/virtual/late/held", "late"));
        var waiting = Eventually.Get(() => Explain(daemon, "late:one", "waiting", moments: 2), Deadline.Default, "it waits");
        Assert.Equal(("ready", 8), (waiting.Value.GetProperty("rule").GetString(), waiting.Value.GetProperty("line").GetInt32()));
        Assert.EndsWith("10-test.yaml", waiting.Value.GetProperty("file").GetString(), StringComparison.Ordinal);
        var speed = waiting.Value.GetProperty("conditions")[1];
        Assert.Equal((false, "\"5\""), (speed.GetProperty("held").GetBoolean(), speed.GetProperty("value").GetString()));
        Eventually.Get(() => Explain(daemon, "/devices/virtual/late/held", "held", moments: 3), Deadline.Default, "it is held");

        device.Write("speed", "10\n");
        device.Write("ready", "");
        var announced = Eventually.Get(() => Explain(daemon, "late:one", "announced", moments: 3), Deadline.Default, "it is announced");
        Assert.All(announced.Value.GetProperty("conditions").EnumerateArray(), condition => Assert.True(condition.GetProperty("heldSinceUsec").GetInt64() > 0));
        injector.Send("remove", device);
        device.Remove();
        var gone = Eventually.Get(() => Explain(daemon, "late:one", "gone", moments: 5), Deadline.Default, "it is gone");
        var history = gone.Value.GetProperty("history").EnumerateArray().Select(moment => moment.GetProperty("what").GetString()).ToList();
        Assert.Equal(("arrived", "delivered"), (history[0], history[^1]));
        var text = Run(sandbox, daemon, "explain late:held").Ok().Output;
        Assert.Contains("held", text, StringComparison.Ordinal);
        Assert.Contains("exists: ready", text, StringComparison.Ordinal);
        Assert.Equal("held", JsonDocument.Parse(Run(sandbox, daemon, "explain late:held --json").Ok().Output).RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public void Explain_reports_what_sysfs_knows_about_a_device_that_the_daemon_does_not_know()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = Start(sandbox, sysfs);
        sysfs.AddDevice("/devices/virtual/late/silent", "late");
        Directory.CreateDirectory(sysfs.Root + "/module/late");
        File.WriteAllText(sysfs.Root + "/module/late/uevent", "");
        using var probe = daemon.Connect();
        foreach (var (name, reason) in new[] { ("late:nowhere", "neither"), ("late:silent", "the kernel has sent no uevent"), ("/sys/module/late", "not a device"), ("/dev/none", "no device with such a node") })
        {
            var error = probe.CallForError(VarlinkProbe.Devices + "Explain", new { device = name });
            Assert.Equal(VarlinkProbe.Devices + "NoSuchDevice", error.Error);
            Assert.Contains(reason, error.Parameters.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
        // What is beside the trees is there for nobody, whatever leads to it.
        File.CreateSymbolicLink(sysfs.Root + "/devices/virtual/late/out", "/etc");
        File.CreateSymbolicLink(sysfs.Root + "/class/late/up", "../../..");
        var deep = string.Concat(Enumerable.Repeat("../", 20));
        foreach (var name in new[] { "late:up", "late:../../..", "..:..", $"late:{deep}etc", $"/sys/{deep}etc", $"/sys/devices/{deep}etc", $"/devices/{deep}etc", $"{sysfs.Root}/class/../../etc", "/devices/virtual/late/out", "/sys/devices/virtual/late/out", $"/dev/{deep}etc/passwd", "/devices" + string.Concat(Enumerable.Repeat("/a", 1500)) })
        {
            var error = probe.CallForError(VarlinkProbe.Devices + "Explain", new { device = name });
            Assert.Equal(VarlinkProbe.Devices + "NoSuchDevice", error.Error);
            Assert.DoesNotContain("it is in sysfs,", error.Parameters.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.Equal(VarlinkProbe.Devices + "NoSuchDevice", probe.CallForError(VarlinkProbe.Devices + "Get", new { device = name }).Error);
        }
        var result = Run(sandbox, daemon, "explain late:silent");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("ueventctl trigger", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Release_announces_a_held_device_unsettled()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = Start(sandbox, sysfs);
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        injector.Send("add", sysfs.AddDevice("/devices/virtual/late/held", "late"));
        Eventually.Get(() => Explain(daemon, "late:held", "held", moments: 3), Deadline.Default, "it is held");
        Run(sandbox, daemon, "release late:held").Ok();
        var add = subscription.WaitForEvent(one => one.Is("add", "held"));
        Assert.False(add.Device.Settled);
        Assert.Equal(["exists: ready"], add.Device.Missing);
        Run(sandbox, daemon, "release late:held").Ok();
        var unknown = Run(sandbox, daemon, "release late:nowhere");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("late:nowhere: no such device", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rules_change_nothing_and_good_ones_reach_what_waits()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = Start(sandbox, sysfs);
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        var device = sysfs.AddDevice("/devices/virtual/late/one", "late");
        injector.Send("add", device);
        Eventually.Get(() => Explain(daemon, "late:one", "waiting", moments: 2), Deadline.Default, "it waits");
        var file = Path.Combine(daemon.RulesDirectory, "10-test.yaml");
        File.WriteAllText(file, "version: 1\nsubsystem: late\nrules:\n  - name: bad\n    wiat: []\n    timeout: soon\n");
        using var probe = daemon.Connect();
        var refused = probe.CallForError(Control + "Reload");
        Assert.Equal(Control + "RulesInvalid", refused.Error);
        var errors = refused.Parameters.GetProperty("errors").EnumerateArray().Select(error => error.GetString()!).ToList();
        Assert.Equal(2, errors.Count);
        Assert.StartsWith($"{file}:5:5: ", errors[0], StringComparison.Ordinal);
        var bad = Run(sandbox, daemon, "reload");
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains(errors[0], bad.Error, StringComparison.Ordinal);
        Assert.Equal(("waiting", "ready"), StateOf(daemon, "late:one"));

        File.WriteAllText(file, Rules.Replace("{attribute: speed, atLeast: 10}", "{exists: other}", StringComparison.Ordinal));
        device.Write("ready", "");
        device.Write("other", "");
        Assert.Contains("2 rules", Run(sandbox, daemon, "reload").Ok().Output, StringComparison.Ordinal);
        Assert.True(subscription.WaitForEvent(one => one.Is("add", "one")).Device.Settled);
    }

    [Fact]
    public void An_unprivileged_client_can_read_but_not_control()
    {
        Requires.Tools("setpriv");
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = Start(sandbox, sysfs);
        sysfs.AddDevice("/devices/virtual/late/one", "late");
        var nobody = $"setpriv {string.Join(' ', Sandbox.AsNobody)} ";
        foreach (var verb in new[] { "status", "settle", "metrics", "list" })
            sandbox.Run($"{nobody}{Repository.Ueventctl} {verb} --socket {daemon.SocketPath}").Ok();
        foreach (var verb in new[] { "reload", "release late:one" })
        {
            var denied = sandbox.Run($"{nobody}{Repository.Ueventctl} {verb} --socket {daemon.SocketPath}");
            Assert.Equal((1, "ueventctl: permission denied (run it as root, or as the daemon's user)\n"), (denied.ExitCode, denied.Error));
        }
    }

    [Fact]
    public void The_daemons_own_user_may_control_it_and_a_socket_without_mode_for_others_is_not_for_them()
    {
        Requires.Tools("setpriv");
        using var sandbox = Sandbox.Create();
        // Not 65534: as that uid anybody comes who has none in the daemon's user namespace.
        string[] itself = ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "--inh-caps=-all", "--"];
        using var own = DaemonProcess.Start(sandbox, new DaemonOptions { Prefix = itself });
        sandbox.Run($"{string.Join(' ', itself)} {Repository.Ueventctl} reload --socket {own.SocketPath}").Ok();
        using var closed = DaemonProcess.Start(sandbox, new DaemonOptions { Arguments = ["--socket-mode", "0600"] });
        var denied = sandbox.Run($"setpriv {string.Join(' ', Sandbox.AsNobody)} {Repository.Ueventctl} list --socket {closed.SocketPath}");
        Assert.Equal(4, denied.ExitCode);
        Assert.Contains("permission denied", denied.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Trigger_makes_the_kernel_send_events_again_and_waits_for_them()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        Assert.Equal("/devices/virtual/net/lo\n", Run(sandbox, daemon, "trigger --filter subsystem=net,sysname=lo --dry-run").Ok().Output);
        Run(sandbox, daemon, "trigger net:lo --settle --uuid 00000000-0000-0000-0000-000000000007").Ok();
        var change = subscription.WaitForEvent(one => one.Is("change", "lo"));
        Assert.True(change.Synthetic);
        Assert.Equal(1, Run(sandbox, daemon, "trigger net:nowhere").ExitCode);
    }

    [Fact]
    public void Completion_knows_commands_options_devices_and_subsystems()
    {
        using var sandbox = Sandbox.Create();
        Requires.Tools("bash");
        string[] Complete(string line) => [.. sandbox.Run($"{Repository.Ueventctl} '[suggest:{line.Length}]' '{line}'").Ok().Lines];
        Assert.Contains("explain", Complete("ueventctl ex"));
        Assert.Contains("--until", Complete("ueventctl wait --u"));
        Assert.Contains("net:", Complete("ueventctl info ne"));
        Assert.Contains("net:lo", Complete("ueventctl info net:l"));
        foreach (var shell in new[] { "bash", "zsh", "fish" })
            Assert.Contains("ueventctl", sandbox.Run($"{Repository.Ueventctl} completion {shell}").Ok().Output, StringComparison.Ordinal);
        const string Ask = "source <(ueventctl completion bash); COMP_LINE='ueventctl info net:l'; COMP_POINT=20; COMP_WORDS=(ueventctl info net : l); COMP_CWORD=4; _ueventctl; echo \"${COMPREPLY[*]}\"";
        var completed = sandbox.Run($"PATH={Path.GetDirectoryName(Repository.Ueventctl)}:$PATH bash -c '{Ask.Replace("'", "'\\''", StringComparison.Ordinal)}'").Ok();
        Assert.Equal("lo", completed.Output.Trim());
    }

    private static DaemonProcess Start(Sandbox sandbox, FakeSysfs sysfs)
    {
        Directory.CreateDirectory(sysfs.Root + "/class/late");
        return DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
    }

    private sealed record Found(JsonElement Value);

    private static Found? Explain(DaemonProcess daemon, string name, string state, int moments)
    {
        using var probe = daemon.Connect();
        probe.Send(VarlinkProbe.Devices + "Explain", new { device = name }, more: false);
        var reply = probe.ReadReply("Explain", Deadline.Default);
        return reply.Error is null && reply.Parameters.GetProperty("state").GetString() == state && reply.Parameters.GetProperty("history").GetArrayLength() >= moments
            ? new Found(reply.Parameters.Clone())
            : null;
    }

    private static (string?, string?) StateOf(DaemonProcess daemon, string name)
    {
        var found = daemon.Call("Explain", new { device = name });
        return (found.GetProperty("state").GetString(), found.GetProperty("rule").GetString());
    }

    private static CommandResult Run(Sandbox sandbox, DaemonProcess daemon, string verb) =>
        sandbox.Run($"{Repository.Ueventctl} {verb} --socket {daemon.SocketPath}");
}
