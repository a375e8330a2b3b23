using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>
/// Loads rule files. A file with an error is rejected whole, the others are loaded; all errors of all files are found at once. Nothing here throws
/// because of a file's content, and nothing blocks.
/// </summary>
internal static class RuleLoader
{
    /// <summary>The directories for packages, local software, the running system and the administrator; later ones win.</summary>
    public static IReadOnlyList<string> DefaultDirectories { get; } =
    [
        "/usr/lib/uevent-manager/rules.d", "/usr/local/lib/uevent-manager/rules.d", "/run/uevent-manager/rules.d", "/etc/uevent-manager/rules.d",
    ];

    /// <summary>
    /// Loads the <c>*.yaml</c> and <c>*.yml</c> files of some directories, by name. A name in a later directory replaces the same name in an earlier
    /// one, and a symlink to <c>/dev/null</c> switches it off. Names that begin with a dot are skipped.
    /// </summary>
    /// <param name="directories">The directories; a missing one is a problem, unless it is a default one.</param>
    public static RuleLoad Load(IReadOnlyList<string> directories) => Load(RuleFileSet.OfDirectories(directories));

    /// <summary>Loads files of any name, and directories, that a person wants to check.</summary>
    /// <param name="paths">Files and directories.</param>
    public static RuleLoad LoadPaths(IReadOnlyList<string> paths) => Load(RuleFileSet.OfPaths(paths));

    /// <summary>
    /// Finds problems that involve several rules: rules that are never in force because an earlier one takes all their devices, and effects of gates.
    /// </summary>
    /// <param name="rules">All rules in force together, in the order in which they are tried.</param>
    public static IEnumerable<RuleProblem> Warnings(IReadOnlyList<Rule> rules) =>
        UnreachableRule.Find(rules).Select(found => new RuleProblem(found.Rule.File, found.Rule.Line, 0, found.Why) { IsWarning = true })
            .Concat(GateWarnings.Find(rules));

    /// <summary>Loads rules again that were loaded before.</summary>
    /// <param name="sources">The files' texts at that time.</param>
    public static RuleLoad LoadSources(IReadOnlyList<RuleSource> sources)
    {
        var draft = new Draft();
        foreach (var (file, text) in sources)
            draft.Add(file, found => text);
        return draft.Load([]);
    }

    private static RuleLoad Load(RuleFileSet set)
    {
        var draft = new Draft();
        foreach (var file in set.Files)
            draft.Add(file, found => RuleFile.Read(file, found) is { } bytes ? RuleText.Decode(bytes, found) : null);
        var load = draft.Load(set.Refused);
        return load with { Problems = [.. set.Problems, .. load.Problems], Masked = set.Masked, Ignored = set.Ignored };
    }

    // The files read so far.
    private sealed class Draft
    {
        private readonly List<Rule> _rules = [];
        private readonly List<RuleProblem> _problems = [];
        private readonly List<RuleSource> _good = [];
        private readonly List<string> _bad = [];
        private readonly RuleNames _names = new();

        public void Add(string file, Func<ProblemList, string?> read)
        {
            var found = new ProblemList(file);
            IReadOnlyList<Rule> rules = [];
            var text = read(found);
            if (text is not null)
                rules = RuleFileReader.Read(text, RuleSchema.MaxRules - _rules.Count, _names, found);
            _problems.AddRange(found.Sorted);
            if (!found.IsEmpty || text is null)
            {
                _bad.Add(file);
                return;
            }
            _rules.AddRange(rules);
            _good.Add(new RuleSource(file, text));
        }

        public RuleLoad Load(IReadOnlyList<string> refused)
        {
            // A gate may be wrong only together with another file's rules: then the file with the gate is left out.
            var locked = GateWarnings.Mistakes(_rules).ToList();
            _problems.AddRange(locked);
            foreach (var file in locked.Select(static problem => problem.File).Distinct(StringComparer.Ordinal))
            {
                _rules.RemoveAll(rule => rule.File == file);
                _good.RemoveAll(source => source.File == file);
                _bad.Add(file);
            }
            return new RuleLoad { Rules = _rules, Problems = _problems, Files = [.. _good.Select(one => one.File)], Sources = _good, LeftOut = [.. refused, .. _bad], Masked = [] };
        }
    }
}
