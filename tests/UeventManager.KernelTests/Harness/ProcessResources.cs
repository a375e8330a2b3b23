using System.Globalization;

namespace UeventManager.KernelTests.Harness;

/// <summary>What a process holds now, as /proc counts it.</summary>
/// <param name="Descriptors">Open file descriptors, without those of the program's own file: the runtime maps parts of it when it first needs them.</param>
/// <param name="AnonymousKib">Resident memory that is not a file's (<c>RssAnon</c>), in KiB.</param>
/// <param name="Threads">Threads.</param>
public sealed record ProcessResources(int Descriptors, long AnonymousKib, int Threads)
{
    public static ProcessResources Of(int pid)
    {
        var status = File.ReadLines($"/proc/{pid}/status").ToList();
        var program = Target($"/proc/{pid}/exe");
        return new ProcessResources(
            Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(Target).Count(target => target is not null && target != program), Number(status, "RssAnon:"), (int)Number(status, "Threads:"));
    }

    /// <summary>True while a process has a file open, by the name it was opened with or by none.</summary>
    public static bool HasOpen(int pid, string path) =>
        Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(Target).Any(target => target == path || target == path + " (deleted)");

    // Null of what was closed meanwhile.
    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Number(List<string> status, string name) => long.Parse(
        status.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
