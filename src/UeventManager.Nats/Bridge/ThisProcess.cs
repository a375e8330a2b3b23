using System.Globalization;
using Tmds.Linux;

namespace UeventManager.Nats.Bridge;

/// <summary>Identifies this process, so that another process of the host can tell whether it still runs.</summary>
internal static class ThisProcess
{
    private const int NoSuchProcess = 3; // ESRCH

    /// <summary>The kernel's boot id of this host.</summary>
    public static string Boot { get; } = ReadFirstLine("/proc/sys/kernel/random/boot_id") ?? "unknown";

    /// <summary>The pid namespace, the pid and the start time.</summary>
    public static string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{Namespace()} {Environment.ProcessId} {StartOf(Environment.ProcessId)}");

    /// <summary>True if a process of this boot and pid namespace has ended. For any other process nothing is known.</summary>
    /// <param name="boot">The boot id.</param>
    /// <param name="process">The process, in the form of <see cref="Id"/>.</param>
    public static bool HasEnded(string? boot, string? process)
    {
        if (boot != Boot || process?.Split(' ') is not [var space, var number, var start] || space != Namespace()
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid <= 0)
            return false;
        // A process's directory in /proc may be hidden from this user, but not whether its pid exists.
        if (LibC.kill(pid, 0) != 0 && LibC.errno == NoSuchProcess)
            return true;
        return StartOf(pid) is { } now && now != start;
    }

    private static string Namespace() => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "unknown";

    // Field 22 of proc(5)'s stat; the name in field 2 may have blanks and parentheses.
    private static string? StartOf(int pid) =>
        ReadFirstLine(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")) is { } stat && stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 19 } fields
            ? fields[19] : null;

    private static string? ReadFirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
