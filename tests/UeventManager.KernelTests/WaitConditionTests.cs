using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A script can wait for a value without a rule, and learns no value that it may not read.</summary>
public sealed class WaitConditionTests
{
    private static readonly string Nobody = $"setpriv {string.Join(' ', Sandbox.AsNobody)} ";

    [Fact]
    public void A_value_is_waited_for_and_named_at_the_timeout()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var device = sysfs.AddDevice("/devices/virtual/re/a", "re");
        device.Write("state", "down\n");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var late = Wait(sandbox, daemon, "re:a --attribute state=up --exists queue/tx-0 --timeout 300ms");
        Assert.Equal(3, late.ExitCode);
        Assert.Contains("/devices/virtual/re/a: attribute: state equals up (is down)", late.Error.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("exists: queue/tx-0", late.Error, StringComparison.Ordinal);
        var wait = sandbox.Start([Repository.Ueventctl, "wait", "--socket", daemon.SocketPath, "re:a", "--for", "{attribute: state, equals: up}", "--exists", "queue/tx-0", "--timeout", "100s"]);
        Eventually.Holds(() => daemon.Call("Status").GetProperty("devices").GetInt64() == 1, Deadline.Default, "it is there");
        device.Write("queue/tx-0", "");
        device.Write("state", "up\n");
        Assert.Equal(0, wait.WaitForExit(Deadline.Default));
        Assert.Equal(["/devices/virtual/re/a"], wait.Lines);
        // Of several devices the first; of a filter those of which it holds.
        Wait(sandbox, daemon, "re:a re:never --any --timeout 60s").Ok();
        sysfs.AddDevice("/devices/virtual/re/b", "re");
        using var injector = new UeventInjector(sandbox);
        injector.Send("add", "/devices/virtual/re/b", "re");
        Assert.Equal(3, Wait(sandbox, daemon, "--filter subsystem=re --count 2 --attribute state=up --timeout 500ms").ExitCode);
        Assert.Equal(["/devices/virtual/re/a"], Wait(sandbox, daemon, "--filter subsystem=re --for 'not: {absent: queue}' --timeout 60s").Ok().Lines);
    }

    [Theory]
    [InlineData("--attribute secret=x")]
    [InlineData("--exists secret")]
    [InlineData("--for 'absent: secret'")]
    [InlineData("--for 'not: {attribute: secret, matches: \"x*\"}'")]
    [InlineData("--for '{any: [{exists: public}, {attribute: secret, equals: x}]}'")]
    [InlineData("--exists closed/file")]
    [InlineData("--for 'absent: closed/nothing'")]
    [InlineData("--for '{count: \"closed/*\", atLeast: 1}'")]
    [InlineData("--for '{count: \"*/file\", atLeast: 1}'")]
    [InlineData("--exists way")]
    [InlineData("--exists inner")]
    [InlineData("--for '{count: \"p*\", atLeast: {attribute: secret}}'")]
    [InlineData("--for 'deviceNode: true'")]
    public void A_condition_reveals_no_value_that_the_client_may_not_read(string condition)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var device = Secretive(sysfs);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var denied = sandbox.Run($"{Nobody}{Repository.Ueventctl} wait --socket {daemon.SocketPath} re:a {condition} --timeout 300ms");
        Assert.Equal(1, denied.ExitCode);
        Assert.Contains("permission denied", denied.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("permission", Wait(sandbox, daemon, $"re:a {condition} --timeout 300ms").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_client_may_ask_for_world_readable_values()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        Secretive(sysfs);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        foreach (var condition in new[] { "--attribute public=x", "--for 'absent: nothing'", "--for '{count: \"p*\", equals: 1}'", "--for '{property: KIND, equals: two}'", "--for '{link: subsystem, target: re}'" })
            sandbox.Run($"{Nobody}{Repository.Ueventctl} wait --socket {daemon.SocketPath} re:a {condition} --timeout 60s").Ok();
    }

    [Fact]
    public void Reads_that_hang_hold_up_neither_root_nor_events()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var injector = new UeventInjector(sandbox);
        var device = sysfs.AddDevice("/devices/virtual/re/a", "re");
        device.Write("good", "x\n");
        device.Write("stuck", "");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var stuck = new FifoFile(device, "stuck", () => daemon.Pid);
        var waits = Enumerable.Range(0, 6).Select(_ => sandbox.Start(
            ["setpriv", .. Sandbox.AsNobody, Repository.Ueventctl, "wait", "--socket", daemon.SocketPath, "re:a", "--attribute", "stuck=x", "--timeout", "100s"])).ToArray();
        Eventually.Holds(() => stuck.IsBeingRead, Deadline.Default, "the read hangs");
        Wait(sandbox, daemon, "re:a --attribute good=x --timeout 60s").Ok();
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/b", "re"));
        Wait(sandbox, daemon, "re:b --timeout 60s").Ok();
        // At its time a call ends, whatever its read does.
        Assert.Equal(3, Wait(sandbox, daemon, "re:a --attribute stuck=x --timeout 300ms").ExitCode);
        stuck.Answer("x\n");
        Assert.All(waits, wait => Assert.Equal(0, wait.WaitForExit(Deadline.Default)));
    }

    private static FakeDevice Secretive(FakeSysfs sysfs)
    {
        var device = sysfs.AddDevice("/devices/virtual/re/a", "re", "KIND=two");
        device.Write("public", "x\n");
        device.Write("secret", "x\n");
        device.Write("closed/file", "x\n");
        device.Link("way", "/devices/virtual/re/a/secret");
        device.Link("inner", "/devices/virtual/re/a/closed/file");
        File.SetUnixFileMode($"{device.Path}/secret", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode($"{device.Path}/closed", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return device;
    }

    private static CommandResult Wait(Sandbox sandbox, DaemonProcess daemon, string arguments) =>
        sandbox.Run($"{Repository.Ueventctl} wait --socket {daemon.SocketPath} {arguments}", Deadline.Seconds(60));
}
