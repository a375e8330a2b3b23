using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Scripts can rely on the beginning, the end and the format of <c>monitor</c>'s output.</summary>
public sealed class MonitorTests
{
    // Each line of what was printed must fit, and have no member that the schema does not name.
    private const string Validator = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        for shape in schema["$defs"].values():
            shape["additionalProperties"] = shape.get("additionalProperties", False)
        validator = jsonschema.Draft202012Validator(schema)
        lines = [json.loads(line) for line in sys.stdin]
        for line in lines:
            for error in validator.iter_errors(line):
                print(error.message, [one.message for one in error.context], json.dumps(line))
                sys.exit(1)
        wrong = [dict(lines[0], devpath=7), dict(lines[0], unknown=1), {}]
        print(len(lines), sum(1 for line in wrong if not validator.is_valid(line)))
        """;

    [Fact]
    public void The_output_matches_the_schema()
    {
        Requires.Tools("python3");
        using var sandbox = Sandbox.Create();
        if (sandbox.Run("python3 -c 'import jsonschema; jsonschema.Draft202012Validator'").ExitCode != 0)
            Assert.Skip("needs the Python module jsonschema: run tests/install-tools.sh as root");
        using var scratch = new ScratchDirectory("schema");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Rules = "version: 1\nsubsystem: net\nrules: [{name: r, wait: [{exists: operstate}, {exists: never, optional: 1ms}], attach: {attributes: [operstate], links: [subsystem]}}]\n",
        });
        var monitor = Start(sandbox, daemon, "-k", "-u", "--json", "--kobjects");
        WaitForSubscriber(daemon);
        daemon.RunInTurn(sandbox, "ip link add uem-a type veth peer name uem-b", "ip link set uem-a name uem-c", "ip link del uem-c", "ip link add uem-d type bridge", "echo change > /sys/class/net/uem-d/uevent");
        monitor.WaitForLine(line => line.StartsWith("{\"cursor\"", StringComparison.Ordinal) && line.Contains("SYNTH_UUID", StringComparison.Ordinal), Deadline.Default, "the last");
        var text = monitor.Output + Run(sandbox, daemon, "list --json --unsettled") + Run(sandbox, daemon, "info net:uem-d --json") + Run(sandbox, daemon, "wait net:lo --json");
        File.WriteAllText(scratch.Combine("lines"), text);
        File.WriteAllText(scratch.Combine("validate.py"), Validator);
        var schema = Path.Combine(Repository.Root, "packaging/schema/ueventctl-1.schema.json");
        var said = sandbox.Run($"python3 {scratch.Combine("validate.py")} {schema} < {scratch.Combine("lines")}");
        Assert.Equal((0, $"{text.Split('\n').Length - 1} 3\n"), (said.ExitCode, said.Output));
    }

    [Fact]
    public void Since_shows_earlier_events_first_and_count_and_until_end_the_monitor()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var subscription = daemon.Subscribe(new { stateless = true });
        for (var i = 0; i < 5; i++)
            injector.Send("add", sysfs.AddDevice($"/devices/d{i}", "re"));
        string[] cursors = [.. Enumerable.Range(0, 5).Select(_ => subscription.NextEvent().Cursor)];
        Assert.Equal((0, "d0\nd1\nd2\nd3\nd4\n"), Show(sandbox, daemon, "--since", "1h", "--count", "5", "--format", "{sysname}"));
        Assert.Equal((0, "add re d3\nadd re d4\n"), Show(sandbox, daemon, "--since", cursors[2], "--until", "sysname=d4", "--format", "{action} {subsystem} {sysname}"));
        Assert.Equal((0, "d4\n"), Show(sandbox, daemon, "--since", "1h", "-f", "sysname=d[34]", "-f", "sysname=d9", "-f", "sysname!=d*", "-d", "**/d4", "-n", "1", "--format", "{sysname}"));
        // How much it shows in that time is the machine's affair.
        var late = Show(sandbox, daemon, "--since", cursors[3], "--count", "2", "--timeout", "200ms", "--format", "{sysname}");
        Assert.True(late is (3, "" or "d4\n"), late.ToString());
        Assert.Equal((0, ""), Show(sandbox, daemon, "--timeout", "50ms"));
        // One of another run is none that it could begin at.
        var old = Start(sandbox, daemon, "--since", "0123456789abcdef-1", "--count", "1");
        old.WaitForErrorLine(line => line.Contains("kept", StringComparison.Ordinal), Deadline.Default, "that it cannot begin there");
        injector.Send("remove", "/devices/d0", "re");
        Assert.Equal(0, old.WaitForExit(Deadline.Default));
        Assert.Matches(@"^ueventctl: not all events since then are kept \(restarted: this daemon has run since 20[0-9-]{8} [0-9:]{8}\); those that are kept follow\n$", old.Error);
        // What it waits for is not there when it is interrupted.
        WaitForSubscriber(daemon);
        var interrupted = Start(sandbox, daemon, "--count", "1");
        WaitForSubscriber(daemon, 2);
        interrupted.Signal(Syscalls.SIGTERM);
        Assert.Equal(130, interrupted.WaitForExit(Deadline.Default));
    }

    private static (int Code, string Output) Show(Sandbox sandbox, DaemonProcess daemon, params string[] arguments)
    {
        var monitor = Start(sandbox, daemon, arguments);
        return (monitor.WaitForExit(Deadline.Default), monitor.Output);
    }

    private static RunningProcess Start(Sandbox sandbox, DaemonProcess daemon, params string[] arguments) =>
        sandbox.Start([Repository.Ueventctl, "monitor", "--socket", daemon.SocketPath, .. arguments]);

    private static string Run(Sandbox sandbox, DaemonProcess daemon, string arguments) =>
        sandbox.Run($"{Repository.Ueventctl} {arguments} --socket {daemon.SocketPath}").Ok().Output;

    private static void WaitForSubscriber(DaemonProcess daemon, int count = 1) =>
        daemon.WaitForSubscribers(count);
}
