using System.Text.Json;
using UeventManager.RuleFiles;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.KernelTests.Harness;

/// <summary>The published daemon in a sandbox, with a runtime directory, a socket and rules of its own.</summary>
public sealed class DaemonProcess : IDisposable
{
    private readonly ScratchDirectory _runtime;
    private readonly Func<RunningProcess> _start;
    private RunningProcess _process;

    private DaemonProcess(ScratchDirectory runtime, Func<RunningProcess> start)
    {
        _runtime = runtime;
        _start = start;
        _process = start();
    }

    public string SocketPath => _runtime.Combine("socket");

    public string RuntimeDirectory => _runtime.Path;

    public string RulesDirectory => _runtime.Combine("rules.d");

    public int Pid => _process.Pid;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has logged so far.</summary>
    public string Log => _process.Error;

    /// <summary>The one line of the log that says something; waits for it, because a thread of its own writes the log.</summary>
    public string SaidOnce(Func<string, bool> line)
    {
        Eventually.Holds(() => Log.Split('\n').Any(line), Deadline.Default, "the log says so");
        return Assert.Single(Log.Split('\n'), one => line(one));
    }

    /// <summary>By which any command finds this daemon, its rules and its tree, also one that has no option for them.</summary>
    public Dictionary<string, string> ClientEnvironment(string sysfs) => new()
    {
        ["UEVENT_MANAGER_SOCKET"] = SocketPath,
        ["UEVENT_MANAGER_RULES"] = RulesDirectory,
        ["UEVENT_MANAGER_SYSFS"] = sysfs,
    };

    /// <summary>Starts it and returns once it answers. Calls are answered after READY, so the state is then whole.</summary>
    public static DaemonProcess Start(Sandbox sandbox, DaemonOptions? options = null, Deadline? deadline = null)
    {
        var wanted = options ?? new DaemonOptions();
        var runtime = new ScratchDirectory("run");
        runtime.OpenToEverybody();
        Directory.CreateDirectory(runtime.Combine("rules.d"));
        if (wanted.Rules is { } rules)
        {
            File.WriteAllText(runtime.Combine("rules.d/10-test.yaml"), rules);
            SchemaVerdict.Agrees(rules, RuleLoader.Load([runtime.Combine("rules.d")]).Problems.Select(static problem => problem.Message));
        }
        string[] command =
        [
            .. wanted.Prefix, Repository.Ueventctl, "daemon",
            "--sysfs", wanted.Sysfs, "--socket", runtime.Combine("socket"), "--rules", runtime.Combine("rules.d"), .. wanted.Arguments,
        ];
        var environment = new Dictionary<string, string>(wanted.Environment) { ["XDG_RUNTIME_DIR"] = runtime.Path };
        var daemon = new DaemonProcess(runtime, () => sandbox.Start(command, environment));
        try
        {
            daemon.WaitUntilItAnswers(deadline ?? Deadline.Default);
            return daemon;
        }
        catch
        {
            daemon.Dispose();
            throw;
        }
    }

    public VarlinkProbe Connect() => VarlinkProbe.Connect(SocketPath);

    public JsonElement Call(string method, object? parameters = null)
    {
        using var probe = Connect();
        return probe.Call(VarlinkProbe.Devices + method, parameters);
    }

    /// <summary>A subscriber that has the whole state.</summary>
    public Subscription Subscribe(object? parameters = null) => Subscription.Open(SocketPath, parameters).WaitReady();

    /// <summary>What <c>List</c> answers, in as many replies as it likes.</summary>
    public IReadOnlyList<DeviceView> List(object? parameters = null)
    {
        using var probe = Connect();
        return
        [
            .. probe.CallMore(VarlinkProbe.Devices + "List", parameters)
                .SelectMany(reply => reply.GetProperty("devices").EnumerateArray())
                .Select(device => new DeviceView(device)),
        ];
    }

    /// <summary>The counters of <c>Status</c>.</summary>
    public IReadOnlyDictionary<string, long> Counters() =>
        Call("Status").GetProperty("counters").EnumerateObject()
            .ToDictionary(counter => counter.Name, counter => counter.Value.GetInt64(), StringComparer.Ordinal);

    /// <summary>Waits until so many subscribe: what happens then is told to each of them.</summary>
    public void WaitForSubscribers(int count) =>
        Eventually.Holds(() => Call("Status").GetProperty("subscribers").GetArrayLength() == count, Deadline.Default, $"{count} subscribe");

    /// <summary>
    /// Runs shell commands, each once the events of the one before it are delivered: a device that is renamed or removed sooner comes under its last name
    /// alone, or never (G3).
    /// </summary>
    public void RunInTurn(Sandbox sandbox, params string[] commands)
    {
        foreach (var command in commands)
        {
            sandbox.Run(command).Ok();
            Call("Settle", new { timeoutUsec = 60_000_000 });
        }
    }

    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>Stops it in the middle of what it does; what the kernel sends then queues up, and is dropped beyond the buffer.</summary>
    public void Freeze()
    {
        Signal(Syscalls.SIGSTOP);
        Eventually.Holds(() => File.ReadAllText($"/proc/{Pid}/stat").Contains(") T ", StringComparison.Ordinal), Deadline.Default, "stopped");
    }

    public void Thaw() => Signal(Syscalls.SIGCONT);

    /// <summary>Asks it to end and returns its exit code.</summary>
    public int Terminate(Deadline? deadline = null)
    {
        Signal(Syscalls.SIGTERM);
        return WaitForExit(deadline);
    }

    /// <summary>Its exit code, once it has ended by itself or because it was asked to.</summary>
    public int WaitForExit(Deadline? deadline = null) => _process.WaitForExit(deadline ?? Deadline.Default);

    /// <summary>Starts it again as it was, after it has ended, and returns once it answers. Its log begins anew.</summary>
    public void StartAgain(Deadline? deadline = null)
    {
        Assert.True(_process.HasExited, "it still runs");
        TestContext.Current.TestOutputHelper?.WriteLine($"the log of the daemon before:\n{Log}");
        _process.Dispose();
        _process = _start();
        WaitUntilItAnswers(deadline ?? Deadline.Default);
    }

    /// <summary>Ends it without asking.</summary>
    public void Kill()
    {
        Signal(Syscalls.SIGKILL);
        _process.WaitForExit(Deadline.Default);
    }

    public void Dispose()
    {
        _process.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine($"the daemon's log:\n{Log}");
        _runtime.Dispose();
    }

    private void WaitUntilItAnswers(Deadline deadline)
    {
        using var probe = Eventually.Get(TryConnect, deadline, "the daemon listens");
        probe.Call("org.varlink.service.GetInfo", deadline: deadline);
    }

    private VarlinkProbe? TryConnect()
    {
        if (_process.HasExited)
            Assert.Fail($"the daemon exited with {_process.WaitForExit(Deadline.Default)} before it listened; it said: {_process.Error}{_process.Output}");
        return VarlinkProbe.TryConnect(SocketPath);
    }
}
