namespace UeventManager.KernelTests.Harness;

/// <summary>
/// The distribution's udevd with its own rules, in the sandbox's network and in mounts of its own: it believes a fake tree, writes its database
/// into a directory of the test, and has no device node of the machine.
/// </summary>
public sealed class UdevdProcess : IDisposable
{
    private readonly ScratchDirectory _run;
    private RunningProcess _process;

    private UdevdProcess(ScratchDirectory run, RunningProcess process)
    {
        _run = run;
        _process = process;
    }

    /// <summary>Its process, in a mount namespace of its own where its socket is.</summary>
    public int Pid => _process.Pid;

    /// <summary>Where it keeps what it knows, as <c>--udev-db</c> wants it.</summary>
    public string Database => _run.Combine("udev/data");

    /// <summary>Its /run, seen from outside.</summary>
    public string Run => _run.Path;

    /// <summary>Runs a program in its mounts, where udev's files are where programs look for them.</summary>
    public IReadOnlyList<string> Inside(params IEnumerable<string> command) => ["nsenter", "-t", $"{_process.Pid}", "-m", "--", .. command];

    /// <summary>A path of the sandbox, as it is in its mounts.</summary>
    public string PathInside(string path) => $"/proc/{Environment.ProcessId}/root{path}";

    /// <summary>Starts it and returns once it listens to the kernel.</summary>
    /// <param name="sandbox">Where.</param>
    /// <param name="sysfs">The tree that it believes; null for the sandbox's own, with the machine's loop devices in its /dev.</param>
    /// <param name="rules">Rules of udev's besides the distribution's own.</param>
    public static UdevdProcess Start(Sandbox sandbox, FakeSysfs? sysfs = null, string rules = "")
    {
        string[] tree = Requires.UdevdTree() is { } unpacked ? [unpacked] : [];
        var script = Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/udevd.sh");
        var run = new ScratchDirectory("udevd");
        Directory.CreateDirectory(run.Combine("udev/rules.d"));
        File.WriteAllText(run.Combine("udev/rules.d/99-test.rules"), rules);
        var environment = new Dictionary<string, string> { ["TEST_MACHINE_NETNS"] = new FileInfo("/proc/self/ns/net").LinkTarget! };
        var udevd = new UdevdProcess(run, sandbox.Start([script, sysfs?.Root ?? "real", run.Path, .. tree], environment));
        try
        {
            udevd.WaitUntilItAnswers(sandbox);
            return udevd;
        }
        catch
        {
            udevd.Dispose();
            throw;
        }
    }

    /// <summary>Stops it in the middle of what it does; what the kernel sends queues up.</summary>
    public void Freeze()
    {
        _process.Signal(Syscalls.SIGSTOP);
        Eventually.Holds(() => File.ReadAllText($"/proc/{_process.Pid}/stat").Contains(") T ", StringComparison.Ordinal), Deadline.Default, "stopped");
    }

    /// <summary>Kills the worker that is at a device now.</summary>
    public void KillWorker()
    {
        var worker = 0;
        Eventually.Holds(
            () => int.TryParse(File.ReadAllText($"/proc/{_process.Pid}/task/{_process.Pid}/children").Split(' ')[0], out worker), Deadline.Default, "udevd has a worker");
        Syscalls.Check(Syscalls.Kill(worker, 9), $"kill {worker}");
    }

    /// <summary>Kills it with all that it had not done yet, and starts another one in its place: the kernel sends that nothing of before.</summary>
    /// <param name="sandbox">Where.</param>
    /// <param name="neighbour">A process in its mounts, which end with the last one there.</param>
    public void Replace(Sandbox sandbox, RunningProcess neighbour)
    {
        _process.Signal(Syscalls.SIGKILL);
        _process.WaitForExit(Deadline.Default);
        _process.Dispose();
        _process = sandbox.Start(["nsenter", "-t", $"{neighbour.Pid}", "-m", "--", "sh", "-c",
            "export SYSTEMD_DEVICE_VERIFY_SYSFS=0; for at in /usr/lib /lib; do if [ -x $at/systemd/systemd-udevd ]; then exec $at/systemd/systemd-udevd; fi; done"]);
        WaitUntilItAnswers(sandbox);
    }

    /// <summary>Starts <c>ueventctl retell</c> in its mounts and returns once the gates of the daemon's rules are in force.</summary>
    /// <param name="sandbox">Where.</param>
    /// <param name="daemon">The daemon.</param>
    /// <param name="environment">Of the program, as <c>NAME=VALUE</c>.</param>
    public RunningProcess Retell(Sandbox sandbox, DaemonProcess daemon, params IEnumerable<string> environment)
    {
        sandbox.Run($"mkdir -p {Run}/uevent-manager").Ok();
        var retell = sandbox.Start(Inside(["env", .. environment, Repository.Ueventctl, "retell", "--socket", PathInside(daemon.SocketPath), "--rules", PathInside(daemon.RulesDirectory)]));
        retell.WaitForErrorLine(line => line.Contains("from now on", StringComparison.Ordinal), Deadline.Default, "it is ready");
        WaitForGates(sandbox, retell);
        return retell;
    }

    /// <summary>Waits until all that the kernel has sent is done.</summary>
    public void Settle(Sandbox sandbox) => sandbox.Run(string.Join(' ', Inside("udevadm", "settle", "--timeout=60")), Deadline.Seconds(60)).Ok();

    /// <summary>Runs something where its /dev is.</summary>
    public CommandResult RunInside(Sandbox sandbox, string shell) => sandbox.Run($"nsenter -t {_process.Pid} -m -- {shell}");

    public void Thaw() => _process.Signal(Syscalls.SIGCONT);

    public void Dispose()
    {
        // Its workers end with it (PR_SET_PDEATHSIG), and its mounts with them.
        _process.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine($"udevd said:\n{_process.Error}");
        _run.Dispose();
    }

    // That udevd is told to read its rules again does not say that it has: it looks whether a directory's time is newer, and at times only once in three seconds.
    private void WaitForGates(Sandbox sandbox, RunningProcess retell)
    {
        Settle(sandbox);
        if (!File.ReadAllText($"{Run}/udev/rules.d/71-uevent-manager.rules").Contains("UEVENT_SETTLED", StringComparison.Ordinal))
            return;
        for (var i = 0; i < 60; i++)
        {
            // A bridge is of a kind that every gate of the tests is for; by its name no rule waits for it.
            var entry = $"{Database}/n{sandbox.Run($"ip link add gated{i} type bridge && echo ready > /sys/class/net/gated{i}/ifalias && cat /sys/class/net/gated{i}/ifindex").Ok().Output.Trim()}";
            Settle(sandbox);
            Eventually.Holds(() => File.Exists(entry), Deadline.Default, "udevd is done with a device");
            var isGated = File.ReadAllText(entry).Contains("UEVENT_SETTLED=", StringComparison.Ordinal);
            if (isGated)
                Eventually.Holds(() => File.ReadAllText(entry).Contains("UEVENT_SETTLED=1", StringComparison.Ordinal), Deadline.Default, "its gate is open");
            sandbox.Run($"ip link del gated{i}").Ok();
            Settle(sandbox);
            if (isGated)
                return;
            TestContext.Current.TestOutputHelper?.WriteLine($"no gate was shut yet; retell said: {retell.Error}");
            RunInside(sandbox, "udevadm control --reload");
        }
        Assert.Fail($"udevd has not read its rules; retell said: {retell.Error}");
    }

    // The socket's place is its own: before it is there, udevadm would ask the machine's udevd, if there is one.
    private void WaitUntilItAnswers(Sandbox sandbox)
    {
        Eventually.Holds(() => _process.HasExited || File.Exists(_run.Combine("udev/control")), Deadline.Default, "udevd makes its socket");
        if (_process.HasExited)
            Assert.Fail($"udevd exited with {_process.WaitForExit(Deadline.Default)}: {_process.Error}{_process.Output}");
        Eventually.Holds(
            () => sandbox.Run($"nsenter -t {_process.Pid} -m -- udevadm control --ping --timeout=10").ExitCode == 0, Deadline.Default, "udevd answers");
    }
}
