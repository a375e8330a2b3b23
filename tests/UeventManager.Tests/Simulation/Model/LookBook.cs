using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>What one look was told, as the world answered it.</summary>
internal sealed class LookRecord(string path, ulong inode, long startedUsec)
{
    private readonly Dictionary<string, (bool Exists, string? Value)> _told = [];

    public string Path { get; } = path;

    public ulong Inode { get; } = inode;

    public long StartedUsec { get; } = startedUsec;

    public bool Ended { get; set; }

    public override string ToString() =>
        $"{Path} ({Inode}): {string.Join(", ", _told.Select(t => $"{t.Key} {(t.Value.Exists ? t.Value.Value ?? "there" : "missing")}"))}";

    public void Tell(SysfsQuery query, in Answer answer)
    {
        // The first answer counts: within one look a path is asked once.
        var former = _told.GetValueOrDefault(query.Path);
        _told[query.Path] = (answer.Exists, former.Value ?? answer.Value);
    }

    public bool Holds(SimCondition condition) =>
        _told.TryGetValue(condition.Path, out var told) && (condition.Value is null ? told.Exists : told.Value == condition.Value);
}

/// <summary>All looks at each incarnation.</summary>
internal sealed class LookBook
{
    private readonly Dictionary<long, LookRecord> _open = [];
    private readonly Dictionary<ulong, List<LookRecord>> _byInode = [];

    public void Tell(Look look, ulong inode, string path, SysfsQuery query, in Answer answer)
    {
        if (!_open.TryGetValue(look.Id, out var record))
        {
            record = new LookRecord(path, inode, look.StartedUsec);
            _open.Add(look.Id, record);
            if (!_byInode.TryGetValue(inode, out var all))
                _byInode.Add(inode, all = []);
            all.Add(record);
        }
        record.Tell(query, answer);
    }

    /// <summary>It has all its answers; null if it asked for nothing.</summary>
    public LookRecord? End(long id)
    {
        if (!_open.TryGetValue(id, out var record))
            return null;
        record.Ended = true;
        return record;
    }

    public IReadOnlyList<LookRecord> Of(ulong inode) => _byInode.GetValueOrDefault(inode) ?? [];
}
