namespace UeventManager.Daemon;

/// <summary>The kernel's release as in <c>uname -r</c>; empty if it cannot be read.</summary>
internal static class KernelRelease
{
    /// <summary>The release.</summary>
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
