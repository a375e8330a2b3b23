using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A program runs for every event of a device, in order, whatever is killed.</summary>
public sealed class RunTests
{
    // Appends in one write: lines of programs that run at once do not mix.
    private const string Note = "echo \"$ACTION $SYSNAME $UEVENT_MANAGER_CURSOR\" >> {{0}}";

    [Fact]
    public void A_program_runs_once_for_each_event_of_real_devices_in_order()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var scratch = new ScratchDirectory("run");
        var run = Start(sandbox, daemon, ["--filter", "subsystem=net"], "sh", "-c", "echo $ACTION $SYSNAME $IFINDEX $1 $UEVENT_MANAGER_SETTLED $DEVPATH_OLD", "sh", "{devpath}");
        WaitForSubscriber(daemon);
        daemon.RunInTurn(sandbox, "ip link add uem0 type bridge", "ip link set uem0 name uem1", "ip link del uem1");
        run.WaitForLine(line => line.StartsWith("remove", StringComparison.Ordinal), Deadline.Default, "the last event");
        Assert.Equal(0, Terminate(run));
        Assert.Matches(
            """
            ^add uem0 (\d+) /devices/virtual/net/uem0 1
            move uem1 \1 /devices/virtual/net/uem1 1 /devices/virtual/net/uem0
            remove uem1 \1 /devices/virtual/net/uem1 1
            $
            """.TrimEnd() + "$", run.Output.Replace(" \n", "\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Existing_devices_come_first_and_a_failing_program_is_retried_and_reported()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("run");
        sysfs.AddDevice("/devices/virtual/re/there", "re");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var run = Start(sandbox, daemon, ["--initial", "--retry", "1", "--timeout", "1s", "--stdin", "--filter", "subsystem=re"],
            "sh", "-c", "cat; case $SYSNAME in bad) echo first >&2; echo last >&2; exit 7;; slow) sleep 1000; true;; esac");
        var first = run.WaitForLine(line => line.Contains("there", StringComparison.Ordinal), Deadline.Default, "what is there");
        Assert.Contains("\"action\":\"add\"", first, StringComparison.Ordinal);
        using var injector = new UeventInjector(sandbox);
        foreach (var name in new[] { "bad", "slow", "good" })
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/re/{name}", "re"));
        run.WaitForLine(line => line.Contains("/good", StringComparison.Ordinal), Deadline.Default, "what fails stops nothing");
        run.WaitForErrorLine(line => line == "ueventctl: sh for add of /devices/virtual/re/bad: exit status 7: last", Deadline.Default, "why it failed");
        run.WaitForErrorLine(line => line == "ueventctl: sh for add of /devices/virtual/re/slow: it took too long and was ended", Deadline.Default, "that it was ended");
        Assert.Equal(2, run.Lines.Count(line => line.Contains("/bad", StringComparison.Ordinal)));
        Assert.Equal(0, Terminate(run));
    }

    [Fact]
    public void At_the_end_running_programs_may_finish_and_the_others_are_run_next_time()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("run");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        string[] options = ["--jobs", "1", "--cursor", scratch.Combine("cursor"), "--filter", "subsystem=re"];
        sandbox.Run($"mkfifo {scratch.Combine("gate")}").Ok();
        var run = Start(sandbox, daemon, options, "sh", "-c", $"echo begin $SYSNAME; read x < {scratch.Combine("gate")}; echo end $SYSNAME");
        Eventually.Holds(() => File.Exists(scratch.Combine("cursor")), Deadline.Default, "a place to go on from");
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/a", "re"));
        injector.Send("add", sysfs.AddDevice("/devices/virtual/re/b", "re"));
        run.WaitForLine(line => line == "begin a", Deadline.Default, "the first");
        run.Signal(Syscalls.SIGTERM);
        run.WaitForErrorLine(line => line.Contains("ending once the running programs have ended", StringComparison.Ordinal), Deadline.Default, "that it has heard");
        File.WriteAllText(scratch.Combine("gate"), "go\n");
        Assert.Equal(0, run.WaitForExit(Deadline.Default));
        Assert.Equal(["begin a", "end a"], run.Lines);
        var again = Start(sandbox, daemon, options, "echo", "{action} {sysname}");
        again.WaitForLine(line => line == "add b", Deadline.Default, "the second");
        Assert.Equal(0, Terminate(again));
        Assert.Equal(["add b"], again.Lines);
    }

    [Fact]
    public void A_unit_runs_what_its_file_says()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var scratch = new ScratchDirectory("run");
        File.WriteAllText(scratch.Combine("x.conf"), $"# what is there\n--filter subsystem=net,sysname=lo\n--initial\n-- sh -c 'echo \"$1 there\"'\n  sh {{sysname}}\n");
        var unit = File.ReadAllLines(Path.Combine(Repository.Root, "systemd/uevent-run@.service")).Single(line => line.StartsWith("ExecStart=/usr/bin/ueventctl ", StringComparison.Ordinal));
        var words = unit.Split(' ')[1..].Select(word => word.Replace("/run/uevent-run/%i.cursor", scratch.Combine("cursor"), StringComparison.Ordinal).Replace("/etc/uevent-manager/run.d/%i.conf", scratch.Combine("x.conf"), StringComparison.Ordinal));
        var run = sandbox.Start([Repository.Ueventctl, .. words, "--socket", daemon.SocketPath]);
        run.WaitForLine(line => line == "lo there", Deadline.Default, "what is there");
        Assert.Equal(0, Terminate(run));
        Assert.True(File.Exists(scratch.Combine("cursor")));
    }

    /// <summary>Each device is added and removed once; the command is killed again and again. Nothing is skipped, and whoever runs twice has the same cursor.</summary>
    [Fact]
    public void Nothing_is_skipped_however_often_it_is_killed()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("run");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        RunningProcess Begin() => Start(sandbox, daemon, ["--jobs", "4", "--cursor", scratch.Combine("cursor"), "--filter", "subsystem=re"], "sh", "-c", Note.Replace("{{0}}", scratch.Combine("log"), StringComparison.Ordinal));
        var run = Begin();
        Eventually.Holds(() => File.Exists(scratch.Combine("cursor")), Deadline.Default, "a place to go on from");
        const int Devices = 400;
        var sender = new Thread(() => AddAndRemove(sandbox, sysfs, Devices));
        sender.Start();
        var kills = 0;
        while (sender.IsAlive || kills < 8)
        {
            var seen = Lines(scratch).Length + random.Next(60);
            SpinWait.SpinUntil(() => Lines(scratch).Length >= seen || !sender.IsAlive, Deadline.Default.Remaining);
            run.Signal(Syscalls.SIGKILL);
            run.WaitForExit(Deadline.Default);
            kills++;
            run = Begin();
        }
        sender.Join();
        string[] wanted = [.. Enumerable.Range(0, Devices).SelectMany(i => new[] { $"add d{i}", $"remove d{i}" })];
        Eventually.SameSet(() => wanted, () => Lines(scratch).Select(line => line[..line.LastIndexOf(' ')]), Deadline.Seconds(60), $"every event was run, over {kills} kills");
        WaitForSubscriber(daemon);
        Assert.Equal(0, Terminate(run));
        var lines = Lines(scratch);
        TestContext.Current.TestOutputHelper?.WriteLine($"{lines.Length} runs for {wanted.Length} events over {kills} kills");
        // Twice, but never under another cursor.
        Assert.All(lines.GroupBy(line => line[..line.LastIndexOf(' ')]), same => Assert.Single(same.Distinct()));
        foreach (var device in lines.GroupBy(line => line.Split(' ')[1]))
            Assert.StartsWith("remove", device.Last(), StringComparison.Ordinal);
    }

    /// <summary>The daemon is killed too: what came and went meanwhile nobody can know, but what is told at the end is what is there.</summary>
    [Fact]
    public void After_a_crash_of_the_daemon_clients_know_the_true_devices()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("run");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        RunningProcess Begin() => Start(sandbox, daemon, ["--cursor", scratch.Combine("cursor"), "--filter", "subsystem=re"], "sh", "-c", Note.Replace("{{0}}", scratch.Combine("log"), StringComparison.Ordinal));
        var run = Begin();
        Eventually.Holds(() => File.Exists(scratch.Combine("cursor")), Deadline.Default, "a place to go on from");
        var there = new Dictionary<string, FakeDevice>();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                there[$"r{round}n{i}"] = sysfs.AddDevice($"/devices/virtual/re/r{round}n{i}", "re");
                injector.Send("add", there[$"r{round}n{i}"]);
            }
            daemon.Kill();
            if (round % 2 == 1)
                run.Signal(Syscalls.SIGKILL);
            foreach (var (name, device) in there.Where((_, i) => i % 3 == 0).ToArray())
            {
                device.Remove();
                there.Remove(name);
            }
            daemon.StartAgain();
            if (round % 2 == 1)
            {
                run.WaitForExit(Deadline.Default);
                run = Begin();
            }
            Eventually.SameSet(() => there.Keys, () => Told(scratch), Deadline.Seconds(20), $"what was told is what is there after round {round}");
        }
        WaitForSubscriber(daemon);
        Assert.Equal(0, Terminate(run));
        Assert.True(Lines(scratch).Count(line => line.StartsWith("gap", StringComparison.Ordinal)) >= 4, "each crash is told");
    }

    private static HashSet<string> Told(ScratchDirectory scratch)
    {
        var told = new HashSet<string>();
        foreach (var words in Lines(scratch).Select(line => line.Split(' ')))
        {
            if (words[0] == "add")
                told.Add(words[1]);
            else if (words[0] == "remove")
                told.Remove(words[1]);
        }
        return told;
    }

    private static void AddAndRemove(Sandbox sandbox, FakeSysfs sysfs, int count)
    {
        using var injector = new UeventInjector(sandbox);
        for (var i = 0; i < count; i++)
        {
            var device = sysfs.AddDevice($"/devices/virtual/re/d{i}", "re");
            injector.Send("add", device);
            injector.Send("remove", device);
            device.Remove();
        }
    }

    private static RunningProcess Start(Sandbox sandbox, DaemonProcess daemon, string[] options, params string[] program) =>
        sandbox.Start([Repository.Ueventctl, "run", "--socket", daemon.SocketPath, .. options, "--", .. program]);

    private static void WaitForSubscriber(DaemonProcess daemon) =>
        daemon.WaitForSubscribers(1);

    private static int Terminate(RunningProcess run)
    {
        run.Signal(Syscalls.SIGTERM);
        return run.WaitForExit(Deadline.Default);
    }

    private static string[] Lines(ScratchDirectory scratch) =>
        File.Exists(scratch.Combine("log")) ? File.ReadAllText(scratch.Combine("log")).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
}
