using System.Globalization;
using Tmds.Linux;

namespace UeventManager.Nats.Bridge;

/// <summary>This process, so that another one of the same host can tell whether it still runs.</summary>
internal static class ThisProcess
{
    private const int NoSuchProcess = 3; // ESRCH

    /// <summary>The boot of this host, as the kernel names it.</summary>
    public static string Boot { get; } = ReadFirstLine("/proc/sys/kernel/random/boot_id") ?? "unknown";

    /// <summary>Its pid namespace, its pid, and when it started.</summary>
    public static string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{Namespace()} {Environment.ProcessId} {StartOf(Environment.ProcessId)}");

    /// <summary>True if a process of this boot and of this pid namespace has ended. Of any other nobody here can know.</summary>
    /// <param name="boot">The boot in which it ran.</param>
    /// <param name="process">As <see cref="Id"/>.</param>
    public static bool HasEnded(string? boot, string? process)
    {
        if (boot != Boot || process?.Split(' ') is not [var space, var number, var start] || space != Namespace()
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid <= 0)
            return false;
        // Its directory below /proc may be hidden from this user; whether the pid is in use is not.
        if (LibC.kill(pid, 0) != 0 && LibC.errno == NoSuchProcess)
            return true;
        return StartOf(pid) is { } now && now != start;
    }

    private static string Namespace() => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "unknown";

    // The 22nd field; the second is a name that may have blanks and parentheses.
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
