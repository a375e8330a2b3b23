namespace UeventManager.Daemon;

/// <summary>The release of the kernel, as <c>uname -r</c> says it; empty if nobody may know it.</summary>
internal static class KernelRelease
{
    /// <summary>It.</summary>
    public static string Text { get; } = Read();

    private static string Read()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
