namespace UeventManager.Handover;

/// <summary>
/// What a hand-over is about: another boot, network namespace or tree has other devices, and other times. Each part is a text without
/// spaces.
/// </summary>
/// <param name="Boot">The kernel's boot id.</param>
/// <param name="Network">The network namespace that uevents are of.</param>
/// <param name="Tree">The tree that devices are looked at in.</param>
internal sealed record HandoverPlace(string Boot, string Network, string Tree)
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>This boot's.</summary>
    /// <param name="network">The network namespace.</param>
    /// <param name="tree">The tree.</param>
    public static HandoverPlace Here(string network, string tree) => new(ReadBootId(), network, tree);

    /// <inheritdoc/>
    public override string ToString() => $"{Boot} {Network} {Tree}";

    // Without procfs nothing tells one boot from another, and nothing is handed over.
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
