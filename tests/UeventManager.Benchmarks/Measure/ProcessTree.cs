using System.Globalization;

namespace UeventManager.Benchmarks.Measure;

/// <summary>What a process and all below it use: udevd works in children.</summary>
internal static class ProcessTree
{
    private const double SecondsPerTick = 0.01;

    /// <summary>CPU seconds of all threads, those of children that have ended included.</summary>
    public static double CpuSeconds(int pid) => Members(pid).Sum(CpuOf);

    /// <summary>Proportional set size in MiB.</summary>
    public static double PssMib(int pid) => Members(pid).Sum(PssOf);

    private static double CpuOf(int pid)
    {
        try
        {
            // The clock counts nanoseconds of all threads, ended ones too; /proc/PID/stat counts ticks, and has ended children.
            var fields = StatOf(pid);
            return CpuClock.Nanoseconds(pid) / 1e9 + (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) * SecondsPerTick;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double PssOf(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // Processes are few here: /proc is that of the benchmark's own pid namespace.
    private static List<int> Members(int root)
    {
        var parents = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Select(pid => (Pid: pid, Parent: ParentOf(pid))).ToList();
        List<int> members = [root];
        for (var i = 0; i < members.Count; i++)
            members.AddRange(parents.Where(p => p.Parent == members[i]).Select(p => p.Pid));
        return members;
    }

    private static int ParentOf(int pid)
    {
        try
        {
            return int.Parse(StatOf(pid)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return -1;
        }
    }

    // The fields behind the name, which may contain anything: [0] is the state, [1] the parent, [13] cutime, [14] cstime.
    private static string[] StatOf(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }
}
