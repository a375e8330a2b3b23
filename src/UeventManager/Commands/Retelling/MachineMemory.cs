using System.Globalization;

namespace UeventManager.Commands.Retelling;

/// <summary>The machine's memory as udevd counts it, without limits of this process.</summary>
internal static class MachineMemory
{
    /// <summary>MemTotal of /proc/meminfo, in bytes; a value that limits nothing if it cannot be read.</summary>
    public static long Bytes() =>
        File.ReadLines("/proc/meminfo").FirstOrDefault(static line => line.StartsWith("MemTotal:", StringComparison.Ordinal)) is { } line
        && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
        && long.TryParse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number << 10 : long.MaxValue;
}
