using System.Globalization;

namespace UeventManager.KernelTests.Harness;

/// <summary>Programs that listen to udevd's messages: udevadm's monitor, and how to be sure that one has heard nothing.</summary>
internal static class UdevMonitor
{
    private const uint UdevGroups = 2;

    /// <summary>Starts udevadm's; returns once it listens.</summary>
    public static RunningProcess Start(Sandbox sandbox, params string[] options) => Start(sandbox, [], [Requires.Tool("udevadm")], options);

    /// <summary>Starts another udevadm, or within something else.</summary>
    public static RunningProcess Start(Sandbox sandbox, IReadOnlyList<string> prefix, IReadOnlyList<string> udevadm, params string[] options)
    {
        var monitor = sandbox.Start([.. prefix, "stdbuf", "-oL", .. udevadm, "monitor", "--udev", .. options]);
        monitor.WaitForLine(line => line.StartsWith("UDEV - the event", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        return monitor;
    }

    /// <summary>
    /// Checks that a program has heard nothing of all that was sent until now, and ends it: whoever is asked right behind an event may just not have
    /// read it yet.
    /// </summary>
    /// <param name="listener">The program.</param>
    /// <param name="heard">What it would say of it.</param>
    public static void IsDeaf(RunningProcess listener, Func<string, bool> heard)
    {
        Eventually.Holds(() => HasReadAll(listener.Pid), Deadline.Default, "it has read all that the kernel has for it");
        listener.Signal(Syscalls.SIGTERM);
        listener.WaitForExit(Deadline.Default);
        Assert.DoesNotContain(listener.Lines, line => heard(line));
    }

    // Nothing is queued, it sleeps, and still nothing is.
    private static bool HasReadAll(int pid) => Queued(pid) == 0 && File.ReadAllText($"/proc/{pid}/stat").Contains(") S ", StringComparison.Ordinal) && Queued(pid) == 0;

    private static long Queued(int pid)
    {
        var own = Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget).ToHashSet(StringComparer.Ordinal);
        var sockets = File.ReadLines($"/proc/{pid}/net/netlink").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => (Convert.ToUInt32(columns[3], 16) & UdevGroups) != 0 && own.Contains($"socket:[{columns[9]}]")).ToArray();
        Assert.NotEmpty(sockets);
        return sockets.Sum(columns => long.Parse(columns[4], CultureInfo.InvariantCulture));
    }
}
