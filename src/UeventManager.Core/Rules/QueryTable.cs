namespace UeventManager.Core.Rules;

/// <summary>
/// All distinct questions of one subsystem's rules. A path that several conditions name has one slot, so that one look asks each path once and all
/// conditions share the answer.
/// </summary>
public sealed class QueryTable
{
    private readonly Dictionary<(QueryKind Kind, string Path), SysfsQuery> _byPath = [];
    private readonly List<SysfsQuery> _queries = [];

    /// <summary>The questions, indexed by slot.</summary>
    public IReadOnlyList<SysfsQuery> Queries => _queries;

    /// <summary>Number of slots.</summary>
    public int Count => _queries.Count;

    internal int StableCount { get; private set; }

    internal SysfsQuery Path(string path, QueryNeeds needs)
    {
        var query = Intern(QueryKind.Path, path, null);
        query.Needs |= needs;
        if (query.IsDriver)
            Driver = query;
        return query;
    }

    internal SysfsQuery Names(string glob) => Intern(QueryKind.Names, glob, null);

    internal SysfsQuery Links(string glob) => Intern(QueryKind.Links, glob, null);

    internal SysfsQuery Fingerprint(IReadOnlyList<string> globs) => Intern(QueryKind.Fingerprint, string.Join('\n', globs), globs);

    internal SysfsQuery DeviceNode() => Intern(QueryKind.DeviceNode, "", null);

    internal SysfsQuery Ancestor(ParentMatch parent)
    {
        var query = Intern(QueryKind.Ancestor, $"parent {parent.Kind}", null, new AncestorQuery(parent.Subsystem, parent.Match.DevType, new QueryTable()));
        query.OfAncestor!.WithProperties |= parent.Match.Properties.Count > 0;
        return query;
    }

    /// <summary>True if any answer may block.</summary>
    internal bool MayBlock => _queries.Exists(query => query.MayBlock);

    internal SysfsQuery UdevEntry() => Udev = Intern(QueryKind.UdevEntry, "", null);

    /// <summary>The question about udev's entry, if a rule asks it.</summary>
    internal SysfsQuery? Udev { get; private set; }

    /// <summary>The question about the link to the driver, if a rule of this subsystem waits for it or matches it.</summary>
    internal SysfsQuery? Driver { get; private set; }

    /// <summary>This table's question that equals one of another table, or null.</summary>
    internal SysfsQuery? Find(SysfsQuery other) => _byPath.GetValueOrDefault((other.Kind, other.Path));

    internal int NextStable() => StableCount++;

    private SysfsQuery Intern(QueryKind kind, string path, IReadOnlyList<string>? globs, AncestorQuery? ofAncestor = null)
    {
        if (_byPath.TryGetValue((kind, path), out var query))
            return query;
        query = new SysfsQuery(_queries.Count, kind, path, globs) { OfAncestor = ofAncestor };
        _queries.Add(query);
        _byPath.Add((kind, path), query);
        return query;
    }
}
