namespace UeventManager.KernelTests.Harness;

/// <summary>How a test wants its daemon.</summary>
public sealed record DaemonOptions
{
    /// <summary>The tree to believe, as seen inside the sandbox.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary>A rule for no device: everything passes, and the daemon does not say that it has none.</summary>
    public const string NoDevicesRule = "version: 1\nsubsystem: no-such-subsystem\nrules: [{name: none}]\n";

    /// <summary>A rule file's text. Without one there is no rule: what comes is complete at once.</summary>
    public string? Rules { get; init; }

    /// <summary>Further options of <c>ueventctl daemon</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Further variables of its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What the command begins with, such as <c>setpriv …</c>.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];
}
