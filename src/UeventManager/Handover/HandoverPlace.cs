namespace UeventManager.Handover;

/// <summary>
/// The identity of the machine's devices for a hand-over: another boot, network namespace or tree has other devices and other times. Each part is a
/// text without spaces.
/// </summary>
/// <param name="Boot">The kernel's boot id.</param>
/// <param name="Network">The network namespace of the uevents.</param>
/// <param name="Tree">The tree of the devices.</param>
internal sealed record HandoverPlace(string Boot, string Network, string Tree)
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>The place in this boot.</summary>
    /// <param name="network">The network namespace.</param>
    /// <param name="tree">The tree.</param>
    public static HandoverPlace Here(string network, string tree) => new(ReadBootId(), network, tree);

    /// <inheritdoc/>
    public override string ToString() => $"{Boot} {Network} {Tree}";

    // Without procfs boots cannot be distinguished, so nothing is handed over.
    private static string ReadBootId()
    {
        try
        {
            return File.ReadAllText(BootIdPath).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
