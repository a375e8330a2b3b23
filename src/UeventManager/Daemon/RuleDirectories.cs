using UeventManager.RuleFiles;

namespace UeventManager.Daemon;

/// <summary>Where the daemon finds its rules, and what it says when it finds none: then every event passes, which is hardly what it was started for.</summary>
internal static class RuleDirectories
{
    /// <summary>Reads the rule files, the bad ones too.</summary>
    public static RuleLoad Read(DaemonOptions options) => RuleLoader.Load(options.RuleDirectories ?? RuleLoader.DefaultDirectories);

    /// <summary>The directories, and what is odd about each, on one line.</summary>
    public static string Searched(IReadOnlyList<string>? directories) =>
        string.Join(", ", (directories ?? RuleLoader.DefaultDirectories).Select(d => Directory.Exists(d) ? d : $"{d} (not there)"));

    /// <summary>What to do where there is no rule at all.</summary>
    public const string Remedy = "name a directory that has some by --rules, install the package's, or write one: man 5 uevent-manager.rules";
}
