using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>
/// Loads rule files. A file with a mistake is rejected whole, the others are loaded; all mistakes of all files are
/// found at once. Nothing here throws because of what it finds, and nothing blocks.
/// </summary>
internal static class RuleLoader
{
    /// <summary>Where packages, local software, the running system and the administrator put rules; the later ones win.</summary>
    public static IReadOnlyList<string> DefaultDirectories { get; } =
    [
        "/usr/lib/uevent-manager/rules.d", "/usr/local/lib/uevent-manager/rules.d", "/run/uevent-manager/rules.d", "/etc/uevent-manager/rules.d",
    ];

    /// <summary>
    /// Loads the <c>*.yaml</c> and <c>*.yml</c> files of some directories, by name. A name in a later directory replaces the same
    /// name in an earlier one, and a symlink to <c>/dev/null</c> switches it off. Names that begin with a dot are passed over.
    /// </summary>
    /// <param name="directories">A missing one is a problem, unless it is one of the default ones.</param>
    public static RuleLoad Load(IReadOnlyList<string> directories) => Load(RuleFileSet.OfDirectories(directories));

    /// <summary>Loads files, whatever they are called, and directories, as a person names them to be checked.</summary>
    /// <param name="paths">Files and directories.</param>
    public static RuleLoad LoadPaths(IReadOnlyList<string> paths) => Load(RuleFileSet.OfPaths(paths));

    /// <summary>
    /// What no rule shows alone: rules that are never in force, because an earlier one takes all their devices; and what the gates of some do.
    /// </summary>
    /// <param name="rules">All that are in force together, in the order in which they are tried.</param>
    public static IEnumerable<RuleProblem> Warnings(IReadOnlyList<Rule> rules) =>
        UnreachableRule.Find(rules).Select(found => new RuleProblem(found.Rule.File, found.Rule.Line, 0, found.Why) { IsWarning = true })
            .Concat(GateWarnings.Find(rules));

    private static RuleLoad Load(RuleFileSet set)
    {
        var rules = new List<Rule>();
        var problems = new List<RuleProblem>(set.Problems);
        var (good, bad) = (new List<string>(), new List<string>(set.Refused));
        var names = new RuleNames();
        foreach (var file in set.Files)
        {
            var found = new ProblemList(file);
            IReadOnlyList<Rule> read = [];
            if (RuleFile.Read(file, found) is { } bytes && RuleText.Decode(bytes, found) is { } text)
                read = RuleFileReader.Read(text, RuleSchema.MaxRules - rules.Count, names, found);
            problems.AddRange(found.Sorted);
            if (found.IsEmpty)
                rules.AddRange(read);
            (found.IsEmpty ? good : bad).Add(file);
        }
        // What one file asks may only be wrong together with another: the one that has the gate is left out.
        var locked = GateWarnings.Mistakes(rules).ToList();
        problems.AddRange(locked);
        foreach (var file in locked.Select(static problem => problem.File).Distinct(StringComparer.Ordinal))
        {
            rules.RemoveAll(rule => rule.File == file);
            good.Remove(file);
            bad.Add(file);
        }
        return new RuleLoad { Rules = rules, Problems = problems, Files = good, LeftOut = bad, Masked = set.Masked, Ignored = set.Ignored };
    }
}
