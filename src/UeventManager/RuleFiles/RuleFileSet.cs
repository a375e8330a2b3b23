namespace UeventManager.RuleFiles;

/// <summary>The files to read, in order.</summary>
internal sealed class RuleFileSet
{
    // Both endings mean the same; if there are two files of the same name, it is unknown which is intended.
    private const string LongEnding = ".yaml";
    private const string ShortEnding = ".yml";

    private static readonly string[] Leftovers = [".bak", ".orig", ".rej", ".swp", ".rpmsave", ".rpmnew", ".rpmorig", ".pacsave", ".pacnew", ".disabled", ".off"];

    private readonly List<string> _files = [];
    private readonly List<string> _masked = [];
    private readonly List<string> _refused = [];
    private readonly List<RuleProblem> _problems = [];
    private readonly List<RuleProblem> _ignored = [];

    /// <summary>By file name, bytewise; equal names, which only explicit files can have, in the given order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Symlinks to <c>/dev/null</c>.</summary>
    public IReadOnlyList<string> Masked => _masked;

    /// <summary>Files that are not read because the same name exists with both endings.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>Directories and files that cannot be used.</summary>
    public IReadOnlyList<RuleProblem> Problems => _problems;

    /// <summary>Files among the rules that are not read because of their names, except those that are obviously something else.</summary>
    public IReadOnlyList<RuleProblem> Ignored => [.. _ignored.OrderBy(static problem => problem.File, StringComparer.Ordinal)];

    /// <summary>The files of directories, of which later ones win.</summary>
    public static RuleFileSet OfDirectories(IReadOnlyList<string> directories)
    {
        var set = new RuleFileSet();
        set.AddDirectories(directories);
        set.Finish();
        return set;
    }

    /// <summary>Files, and the files of directories.</summary>
    public static RuleFileSet OfPaths(IReadOnlyList<string> paths)
    {
        var set = new RuleFileSet();
        set.AddDirectories([.. paths.Where(Directory.Exists)]);
        foreach (var path in paths.Where(p => !Directory.Exists(p)))
        {
            if (LongName(path) is { } other && File.Exists(other))
                set.Refuse(path, other);
            else
                set._files.Add(path);
        }
        set.Finish();
        return set;
    }

    private void AddDirectories(IReadOnlyList<string> directories)
    {
        var byName = new Dictionary<string, string>();
        foreach (var directory in directories)
        {
            foreach (var path in List(directory))
                byName[Path.GetFileName(path)] = path;
        }
        foreach (var path in byName.Values.Order(Comparer<string>.Create(ByName)))
        {
            if (LongName(Path.GetFileName(path)) is { } name && byName.TryGetValue(name, out var other))
                Refuse(path, other);
            else
                (RuleFile.IsMask(path) ? _masked : _files).Add(path);
        }
    }

    private void Refuse(string path, string other)
    {
        _refused.Add(path);
        _problems.Add(new RuleProblem(path, 0, 0, Path.GetDirectoryName(path) == Path.GetDirectoryName(other)
            ? $"{other} exists too (remove one of them)"
            : $"{other} exists too (name this one {Path.GetFileName(other)} to replace it, or give it another name)"));
    }

    private static string? LongName(string path) =>
        path.EndsWith(ShortEnding, StringComparison.Ordinal) ? path[..^ShortEnding.Length] + LongEnding : null;

    private static bool IsRuleFile(string path) =>
        path.EndsWith(LongEnding, StringComparison.Ordinal) || path.EndsWith(ShortEnding, StringComparison.Ordinal);

    // Hidden files, leftovers of editors and package managers, and texts for people.
    private static bool IsSomethingElse(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith('.') || name.StartsWith('#') || name.EndsWith('~') || Directory.Exists(path)
            || name.StartsWith("README", StringComparison.OrdinalIgnoreCase)
            || Leftovers.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) || name.Contains(".dpkg-", StringComparison.Ordinal);
    }

    private List<string> List(string directory)
    {
        var paths = new List<string>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory))
            {
                if (IsRuleFile(path) && !Path.GetFileName(path).StartsWith('.'))
                    paths.Add(path);
                else if (!IsSomethingElse(path))
                    _ignored.Add(new RuleProblem(path, 0, 0, $"not read: the name does not end in {LongEnding} or {ShortEnding} (rename it, or move it away)") { IsWarning = true });
            }
        }
        catch (DirectoryNotFoundException) when (!File.Exists(directory))
        {
            if (!RuleLoader.DefaultDirectories.Contains(directory))
                _problems.Add(new RuleProblem(directory, 0, 0, "no such directory"));
        }
        catch (UnauthorizedAccessException)
        {
            _problems.Add(new RuleProblem(directory, 0, 0, "cannot be read: permission denied"));
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            _problems.Add(new RuleProblem(directory, 0, 0, File.Exists(directory) ? "not a directory (name its directory)" : $"cannot be read: {e.Message}"));
        }
        return paths;
    }

    private void Finish()
    {
        var sorted = _files.Distinct().Order(Comparer<string>.Create(ByName)).ToList();
        _files.Clear();
        _files.AddRange(sorted.Take(RuleSchema.MaxRules));
        foreach (var path in sorted.Skip(RuleSchema.MaxRules).Take(1))
            _problems.Add(new RuleProblem(path, 0, 0, $"not read, nor are the files after it: more than {RuleSchema.MaxRules:N0} files"));
    }

    private static int ByName(string a, string b) => string.CompareOrdinal(Path.GetFileName(a), Path.GetFileName(b));
}
