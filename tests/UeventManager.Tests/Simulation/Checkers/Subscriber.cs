using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>What somebody who applies every event knows.</summary>
internal sealed class Subscriber
{
    private readonly SortedDictionary<string, SeenEvent> _told = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SeenEvent> Told => _told;

    public bool Knows(string path) => _told.ContainsKey(path);

    public IEnumerable<string> Below(string path) => _told.Keys.Where(p => p.StartsWith(path + "/", StringComparison.Ordinal));

    public IEnumerable<SeenEvent> OthersWithIfindexOf(SeenEvent seen) =>
        seen.Properties.TryGetValue("IFINDEX", out var ifindex) ? WithIfindex(ifindex).Where(t => t.Path != seen.Path) : [];

    public IEnumerable<SeenEvent> WithIfindex(string ifindex) => _told.Values.Where(t => t.Properties.GetValueOrDefault("IFINDEX") == ifindex);

    public void Apply(SeenEvent seen)
    {
        if (seen.Action == "remove")
        {
            _told.Remove(seen.Path);
            return;
        }
        if (seen.OldPath is { } old && old != seen.Path)
        {
            foreach (var path in Below(old).ToList())
                Rename(path, seen.Path + path[old.Length..]);
            _told.Remove(old);
        }
        _told[seen.Path] = seen;
    }

    private void Rename(string path, string to)
    {
        var told = _told[path];
        _told.Remove(path);
        _told[to] = told;
    }
}
