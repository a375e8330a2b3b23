using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>What one look was told, as the world answered it.</summary>
internal sealed class LookRecord(string path, ulong inode, long startedUsec, LookRecord? before)
{
    private readonly Dictionary<(QueryKind Kind, string Path), Answer> _told = [];

    public string Path { get; } = path;

    public ulong Inode { get; } = inode;

    public long StartedUsec { get; } = startedUsec;

    /// <summary>The look at the same directory before this one.</summary>
    public LookRecord? Before { get; } = before;

    public bool Ended { get; private set; }

    public long EndedUsec { get; private set; }

    public override string ToString() =>
        $"{Path} ({Inode}): {string.Join(", ", _told.Select(t => $"{t.Key.Path} {Show(t.Key.Kind, t.Value)}"))}";

    public void Tell(SysfsQuery query, in Answer answer)
    {
        // The first value counts: within one look a path is asked once.
        var key = (query.Kind, query.Kind == QueryKind.Fingerprint ? string.Join(' ', query.Globs) : query.Path);
        _told[key] = _told.TryGetValue(key, out var former) && former.Value is not null ? former : answer;
    }

    /// <summary>Who stood where links lead when they were read.</summary>
    public HashSet<ulong> Linked { get; } = [];

    /// <summary>Those of them whose own link was known to lead back.</summary>
    public HashSet<ulong> Own { get; } = [];

    public void End(long nowUsec) => (Ended, EndedUsec) = (true, nowUsec);

    public bool Exists(string path) => Of(QueryKind.Path, path).Exists;

    public string? Value(string path) => Of(QueryKind.Path, path).Value;

    public int Count(string glob) => Of(QueryKind.Names, glob).Count;

    public string? Fingerprint(string glob) => Of(QueryKind.Fingerprint, glob).Value;

    /// <summary>Where a link leads; null if it was not asked for or is none.</summary>
    public string? LeadsTo(string path) => Of(QueryKind.Path, path).LinkTarget;

    /// <summary>Where the links lead that match; null if it was not asked.</summary>
    public IReadOnlyList<string>? Targets(string glob) => Of(QueryKind.Links, glob).Targets;

    private Answer Of(QueryKind kind, string path) => _told.GetValueOrDefault((kind, path));

    private static string Show(QueryKind kind, in Answer answer) => kind switch
    {
        QueryKind.Names => $"{answer.Count} names",
        QueryKind.Links => $"to [{string.Join(", ", answer.Targets ?? [])}]",
        _ => answer.Exists ? answer.LinkTarget ?? answer.Value ?? "there" : "missing",
    };
}

/// <summary>All looks at each incarnation.</summary>
internal sealed class LookBook
{
    private readonly Dictionary<long, LookRecord> _open = [];
    private readonly Dictionary<ulong, List<LookRecord>> _byInode = [];
    private readonly Dictionary<string, HashSet<ulong>> _linking = [];
    private readonly Dictionary<(ulong Inode, string Link), string> _leadsTo = [];

    public void Tell(Look look, ulong inode, string path, SysfsQuery query, in Answer answer, ModelSysfs sysfs)
    {
        if (!_open.TryGetValue(look.Id, out var record))
        {
            if (!_byInode.TryGetValue(inode, out var all))
                _byInode.Add(inode, all = []);
            // What is asked for by itself belongs to the look that asked for all of it together.
            record = look.IsSingly ? all.FindLast(one => one.Path == path && one.StartedUsec == look.StartedUsec) : null;
            if (record is null)
                all.Add(record = new LookRecord(path, inode, look.StartedUsec, all.Count > 0 ? all[^1] : null));
            _open.Add(look.Id, record);
        }
        record.Tell(query, answer);
        foreach (var to in answer.Targets ?? [])
        {
            if (sysfs.Find(to) is not { } there)
                continue;
            record.Linked.Add(there.Inode);
            if (SimRule.For(to, change: false)?.Leader is { } link && LeadsTo(there.Inode, link) == path)
                record.Own.Add(there.Inode);
        }
        if (query.Kind != QueryKind.Path || answer.LinkTarget is not { } target)
            return;
        if (!_linking.TryGetValue(target, out var linking))
            _linking.Add(target, linking = []);
        linking.Add(inode);
        _leadsTo[(inode, query.Path)] = target;
    }

    /// <summary>Where a link led when it was last seen; null if it never was.</summary>
    public string? LeadsTo(ulong inode, string link) => _leadsTo.GetValueOrDefault((inode, link));

    /// <summary>Whose links have led to a path at some look.</summary>
    public IEnumerable<ulong> Linking(string path) => _linking.GetValueOrDefault(path) ?? [];

    /// <summary>It has all its answers; null if it asked for nothing.</summary>
    public LookRecord? End(long id, long nowUsec)
    {
        if (!_open.TryGetValue(id, out var record))
            return null;
        record.End(nowUsec);
        return record;
    }

    public IReadOnlyList<LookRecord> Of(ulong inode) => _byInode.GetValueOrDefault(inode) ?? [];
}
