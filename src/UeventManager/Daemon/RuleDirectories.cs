using UeventManager.RuleFiles;

namespace UeventManager.Daemon;

/// <summary>
/// The directories of rules, and the message if there are no rules: then every event passes, which is hardly the purpose of the daemon.
/// </summary>
internal static class RuleDirectories
{
    /// <summary>Reads the rule files, including bad ones.</summary>
    public static RuleLoad Read(DaemonOptions options) => RuleLoader.Load(options.RuleDirectories ?? RuleLoader.DefaultDirectories);

    /// <summary>The directories on one line, with a note at missing ones.</summary>
    public static string Searched(IReadOnlyList<string>? directories) =>
        string.Join(", ", (directories ?? RuleLoader.DefaultDirectories).Select(d => Directory.Exists(d) ? d : $"{d} (not there)"));

    /// <summary>The remedy if there is no rule at all.</summary>
    public const string Remedy = "name a directory with rules with --rules, install the package's rules, or write one: man 5 uevent-manager.rules";
}
