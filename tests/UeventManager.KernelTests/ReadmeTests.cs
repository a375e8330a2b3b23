using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Every command and every program of README.md runs here.</summary>
public sealed class ReadmeTests
{
    private const string RulesDirectory = "/etc/uevent-manager/rules.d";
    private const string Socket = "/run/uevent-manager/socket";

    // Blocks that are tried by `make package-test`, `make contact-test` and `make systemd-test`, and the picture.
    private static readonly string[] TriedElsewhere = ["kernel ── uevent ──▶", "make package\nsudo apt install"];

    private readonly List<string> _tried = [];

    [Fact]
    public void Every_code_block_is_tried()
    {
        Block("UeventManager", "for i in");
        TryItBlocks();
        Block("A first rule", "cat >");
        Block("Subscribe", "using UeventManager");
        Block("Subscribe", "import json");
        Block("When something is missing", "ueventctl status");
        var blocks = Readme.Sections.SelectMany(section => section.Blocks).ToList();
        Assert.True(blocks.Count >= 9, $"{blocks.Count} blocks");
        Assert.DoesNotContain(blocks, block => !_tried.Contains(block) && !TriedElsewhere.Any(start => block.StartsWith(start, StringComparison.Ordinal)));
    }

    [Fact]
    public void Both_ways_to_wait_end_once_the_interface_is_complete()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        sandbox.Run("ip link add eth0 type veth peer name uem-b").Ok();
        Bash(sandbox, daemon, Block("UeventManager", "for i in"));
    }

    [Fact]
    public void The_first_try_shows_what_the_page_promises()
    {
        var (run, commands, output) = TryItBlocks();
        Assert.Equal("make run", run);
        using var sandbox = Sandbox.Create();
        var monitor = sandbox.Start(["sh", "-c", $"cd '{Repository.Root}' && exec {RecipeOfRun()}"]);
        UntilItListens(sandbox, monitor);
        string[] promised = [.. output.Split('\n').Select(Columns).Order()];
        string[] Shown() => [.. monitor.Lines.Where(line => line.Contains(" demo", StringComparison.Ordinal)).Select(Columns).Order()];
        // One after the other, as a reader types them: an interface that is removed before its add is announced is never shown (G3).
        string[] actions = ["add", "move", "remove"];
        var typed = commands.Replace("sudo ", "", StringComparison.Ordinal).Split('\n');
        Assert.Equal(actions.Length, typed.Length);
        for (var i = 0; i < typed.Length; i++)
        {
            sandbox.Run(typed[i]).Ok();
            var due = promised.Count(line => actions.Take(i + 1).Contains(line.Split(' ')[0]));
            Eventually.Holds(() => Shown().Length >= due, Deadline.Default, $"the lines that the page shows for {actions[i]}");
        }
        Assert.Equal(promised, Shown());
    }

    [Fact]
    public void The_first_rule_holds_its_interface_until_the_alias_is_there()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        foreach (var rule in Directory.GetFiles(Path.Combine(Repository.Root, "rules"), "*.yaml"))
            File.Copy(rule, Path.Combine(daemon.RulesDirectory, Path.GetFileName(rule)));
        var said = Bash(sandbox, daemon, Block("A first rule", "cat >").Replace(RulesDirectory, daemon.RulesDirectory, StringComparison.Ordinal));
        Assert.Matches("(?m)^.*first0.*ifalias", said);
        Assert.DoesNotMatch("(?m)^.*second0.*ifalias", said);
    }

    [Fact]
    public void The_commands_for_something_missing_answer()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        sandbox.Run("ip link add eth0 type veth peer name uem-b").Ok();
        var lines = Block("When something is missing", "ueventctl status").Split('\n');
        var commands = lines.Where(line => line.StartsWith("ueventctl ", StringComparison.Ordinal)).ToList();
        Assert.Equal(lines.Length - 1, commands.Count);
        Assert.StartsWith("journalctl -u uevent-manager ", lines[^1], StringComparison.Ordinal);
        var said = Bash(sandbox, daemon, string.Join('\n', commands));
        Assert.Contains("/devices/virtual/net/eth0", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_python_subscriber_prints_real_events()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var code = Block("Subscribe", "import json").Replace(Socket, daemon.SocketPath, StringComparison.Ordinal);
        PrintsEvents(sandbox, daemon, sandbox.Start([Requires.Tool("python3"), "-c", code]));
    }

    [Fact]
    public void The_csharp_subscriber_is_the_sample_that_is_built_and_prints_real_events()
    {
        Assert.Equal(Block("Subscribe", "using UeventManager"), File.ReadAllText(Path.Combine(Repository.Root, "samples/Minimal/Program.cs")).TrimEnd());
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        PrintsEvents(sandbox, daemon, sandbox.Start([SampleTests.Built("Minimal")], daemon.ClientEnvironment("/sys")));
    }

    private static void PrintsEvents(Sandbox sandbox, DaemonProcess daemon, RunningProcess subscriber)
    {
        daemon.WaitForSubscribers(1);
        daemon.RunInTurn(sandbox, "ip link add uem-a type veth peer name uem-b", "ip link del uem-a");
        subscriber.WaitForLine(line => line == "add /devices/virtual/net/uem-a", Deadline.Default, "the add");
        subscriber.WaitForLine(line => line == "remove /devices/virtual/net/uem-a", Deadline.Default, "the remove");
    }

    private static string Bash(Sandbox sandbox, DaemonProcess daemon, string script)
    {
        var environment = daemon.ClientEnvironment("/sys");
        environment["PATH"] = $"{Path.GetDirectoryName(Repository.Ueventctl)}:/usr/sbin:/usr/bin:/sbin:/bin";
        var bash = sandbox.Start([Requires.Tool("bash"), "-ec", script], environment);
        Assert.True(bash.WaitForExit(Deadline.Default) == 0, $"{script}\nfailed: {bash.Error}{bash.Output}");
        return bash.Output;
    }

    // What `make run` runs, without another build: the program that is tested must not change meanwhile.
    private static string RecipeOfRun()
    {
        using var make = RunningProcess.Start(
            Requires.Tool("make"), ["--no-print-directory", "--dry-run", "-C", Repository.Root, "-o", "artifacts/bin/ueventctl", "run"]);
        Assert.Equal(0, make.WaitForExit(Deadline.Default));
        var recipe = make.Output.Trim();
        Assert.StartsWith("artifacts/bin/ueventctl monitor --standalone", recipe, StringComparison.Ordinal);
        return recipe;
    }

    // It does not say when it listens: so a device comes and goes until it has been heard.
    private static void UntilItListens(Sandbox sandbox, RunningProcess monitor) => Eventually.Holds(
        () =>
        {
            Assert.False(monitor.HasExited, $"it has ended: {monitor.Error}");
            sandbox.Run("ip link add uem-a type veth peer name uem-b && ip link del uem-a").Ok();
            return monitor.Lines.Any(line => line.Contains("remove", StringComparison.Ordinal) && line.Contains("uem-a", StringComparison.Ordinal));
        },
        Deadline.Default, "the monitor shows a veth");

    // Action, subsystem, name and what follows it; the times differ.
    private static string Columns(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Where((_, index) => index is not (0 or 2 or 3)));
    }

    private (string Run, string Commands, string Output) TryItBlocks() =>
        (Block("Try it", "make run"), Block("Try it", "sudo ip link"), Block("Try it", "09:"));

    private string Block(string section, string start)
    {
        var block = Readme.Sections.Single(one => one.Title == section).Blocks.Single(one => one.StartsWith(start, StringComparison.Ordinal));
        _tried.Add(block);
        return block;
    }
}
