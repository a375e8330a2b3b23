using System.Diagnostics;
using System.Globalization;

namespace UeventManager.FleetScale;

/// <summary>What a process costs, as /proc says.</summary>
internal static class ProcessCost
{
    /// <summary>Its share of memory now, in MiB.</summary>
    public static double Pss(Process process) => File.ReadLines($"/proc/{process.Id}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).First();

    /// <summary>Seconds of CPU so far.</summary>
    public static double Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }
}
