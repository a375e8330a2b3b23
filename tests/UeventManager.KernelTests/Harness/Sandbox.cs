using System.Runtime.ExceptionServices;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// A network and a mount namespace of its own, with a sysfs that shows its devices: devices made inside are seen by nobody else.
/// A child holds the namespaces open and ends when its standard input does: a test run that dies leaves no sandbox behind.
/// </summary>
public sealed class Sandbox : IDisposable
{
    private readonly RunningProcess _holder;
    private readonly List<RunningProcess> _started = [];
    private readonly string[] _enter;

    private Sandbox(RunningProcess holder, bool rootless)
    {
        _holder = holder;
        string[] user = rootless ? ["-U"] : [];
        _enter = ["-t", $"{holder.Pid}", .. user, "-n", "-m", "--"];
    }

    /// <summary>The sandbox's sysfs, seen from outside: sysfs shows the network devices of the namespace in which it was mounted.</summary>
    public string SysRoot => $"/proc/{_holder.Pid}/root/sys";

    /// <summary>A fresh sandbox, or a skipped test with the reason.</summary>
    public static Sandbox Create() => Create([], rootless: false);

    /// <summary>The same in a user namespace made by nobody: root inside has no privilege outside, and real root is not mapped.</summary>
    public static Sandbox CreateRootless()
    {
        Requires.Sandbox();
        Requires.Tools("setpriv");
        return Create(["setpriv", .. AsNobody, "unshare", "--user", "--map-root-user", "--net", "--mount"], rootless: true);
    }

    /// <summary>Options of setpriv that leave a process without any privilege.</summary>
    public static IReadOnlyList<string> AsNobody { get; } = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--"];

    /// <summary>Runs a shell line inside, to its end.</summary>
    public CommandResult Run(string shell, Deadline? deadline = null)
    {
        using var process = RunningProcess.Start("nsenter", [.. _enter, "sh", "-c", shell]);
        process.CloseInput();
        var code = process.WaitForExit(deadline ?? Deadline.Default);
        return new CommandResult(shell, code, process.Output, process.Error);
    }

    /// <summary>Starts a program inside; nsenter becomes it, so the pid is the program's. Ended with the sandbox.</summary>
    public RunningProcess Start(IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null) =>
        Keep(RunningProcess.Start("nsenter", [.. _enter, .. command], environment));

    /// <summary>Starts a program with the sandbox's network but the machine's own mounts, and so with a sysfs of another namespace.</summary>
    public RunningProcess StartWithForeignSysfs(IEnumerable<string> command) =>
        Keep(RunningProcess.Start("nsenter", ["-t", $"{_holder.Pid}", "-n", "--", .. command]));

    /// <summary>
    /// Runs a delegate on a thread that is inside the network namespace, then ends that thread. A socket belongs to the namespace in
    /// which it was made, for ever: what the delegate returns may be used from any thread.
    /// </summary>
    public T OpenSocketInside<T>(Func<T> open) => OnThread(() =>
    {
        Syscalls.EnterNetworkOf(_holder.Pid);
        return open();
    });

    /// <summary>Mounts something that only the sandbox sees.</summary>
    internal void Mount(string source, string target, string type, string options) => OnThread(() =>
    {
        Syscalls.EnterMountsOf(_holder.Pid);
        return Syscalls.Check(Syscalls.Mount(source, target, type, 0, options), $"mount {type} at {target}");
    });

    private static T OnThread<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    public void Dispose()
    {
        foreach (var process in Enumerable.Reverse(_started))
            process.Dispose();
        _holder.CloseInput();
        _holder.Dispose();
    }

    private static Sandbox Create(string[] prefix, bool rootless)
    {
        Requires.Sandbox();
        string[] unshare = prefix.Length > 0 ? prefix : ["unshare", "--net", "--mount"];
        const string Inside = "mount -t sysfs s /sys && ip link set lo up && echo inside && exec cat";
        string[] command = [.. unshare, "--propagation", "private", "sh", "-c", Inside];
        var holder = RunningProcess.Start(command[0], command[1..]);
        try
        {
            holder.WaitForLine(line => line == "inside", Deadline.Default, "a sandbox");
            return new Sandbox(holder, rootless);
        }
        catch
        {
            holder.Dispose();
            throw;
        }
    }

    private RunningProcess Keep(RunningProcess process)
    {
        _started.Add(process);
        return process;
    }
}
