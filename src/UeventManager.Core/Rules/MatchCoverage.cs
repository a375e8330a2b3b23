namespace UeventManager.Core.Rules;

/// <summary>Decides whether a <c>match</c> covers every device of another one. If it cannot be decided, the answer is no.</summary>
internal static class MatchCoverage
{
    private static readonly GlobDomain s_name = new(HasSlash: false, IsAlwaysThere: true);
    private static readonly GlobDomain s_path = new(HasSlash: true, IsAlwaysThere: true);
    private static readonly GlobDomain s_link = new(HasSlash: false, IsAlwaysThere: false);
    private static readonly GlobDomain s_value = new(HasSlash: true, IsAlwaysThere: false);
    private static readonly Glob s_anyName = Glob.Parse("*");
    private static readonly Glob s_anyPath = Glob.Parse("/**");

    /// <summary>True if <paramref name="wider"/> certainly matches every device that <paramref name="narrower"/> matches.</summary>
    public static bool Covers(RuleMatch wider, RuleMatch narrower) =>
        Covers(wider.SysName, [narrower.SysName ?? s_anyName], s_name)
        && Covers(wider.DevPath, [narrower.DevPath ?? s_anyPath], s_path)
        && Covers(wider.Driver, narrower.Driver is { } driver ? [driver] : [], s_link)
        && Properties(wider).All(p => Covers(p.Value, Properties(narrower).Where(n => n.Key == p.Key).Select(n => n.Value), s_value))
        && wider.Attributes.All(a => Covers(a.Value, narrower.Attributes.Where(n => n.Key == a.Key).Select(n => n.Value), s_value))
        && (wider.Parent is null || (narrower.Parent is not null && Covers(wider.Parent, narrower.Parent)))
        && wider.Exists.All(path => Needs(narrower, path))
        && wider.Absent.All(path => narrower.Absent.Any(absent => IsAtOrBelow(path, absent)));

    /// <summary>True if it certainly matches no device, because a path must both exist and be absent.</summary>
    public static bool IsImpossible(RuleMatch match) =>
        match.Absent.Any(path => Needs(match, path)) || (match.Parent is { } parent && IsImpossible(parent.Match));

    // Patterns that differ may lead to different ancestors, so only equal patterns count.
    private static bool Covers(ParentMatch wider, ParentMatch narrower) => wider.Kind == narrower.Kind && Covers(wider.Match, narrower.Match);

    private static bool Covers(Glob? wider, IEnumerable<Glob> narrower, GlobDomain domain) =>
        wider is null || narrower.Any(glob => GlobInclusion.Covers(wider, glob, domain));

    // `devtype` is a property under another name.
    private static IEnumerable<KeyValuePair<string, Glob>> Properties(RuleMatch match) =>
        match.DevType is { } type ? match.Properties.Append(new("DEVTYPE", type)) : match.Properties;

    // A path that exists implies the directories above it, and a value implies its path.
    private static bool Needs(RuleMatch match, string path) =>
        match.Exists.Any(exists => IsAtOrBelow(exists, path))
        || match.Attributes.Any(attribute => !attribute.Value.Negated && IsAtOrBelow(attribute.Key, path));

    private static bool IsAtOrBelow(string path, string directory) =>
        path == directory || (path.StartsWith(directory, StringComparison.Ordinal) && path[directory.Length] == '/');
}
