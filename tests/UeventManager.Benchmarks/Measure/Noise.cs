using System.Globalization;

namespace UeventManager.Benchmarks.Measure;

/// <summary>What else the machine did while this ran.</summary>
internal sealed class Noise
{
    private readonly long[] _before = Read();

    /// <summary>Load average of the last minute.</summary>
    public static string LoadAverage => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>Share of the time that the hypervisor gave to others since this object was made.</summary>
    public double StealPercent()
    {
        var now = Read();
        var total = now.Take(8).Sum() - _before.Take(8).Sum();
        return total == 0 ? 0 : 100.0 * (now[7] - _before[7]) / total;
    }

    private static long[] Read() =>
        [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
}
