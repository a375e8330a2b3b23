using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>What somebody who applies every event knows.</summary>
internal sealed class Subscriber
{
    private readonly SortedDictionary<string, SeenEvent> _told = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SeenEvent> Told => _told;

    public bool Knows(string path) => _told.ContainsKey(path);

    public IEnumerable<string> Below(string path) => _told.Keys.Where(p => p.StartsWith(path + "/", StringComparison.Ordinal));

    /// <summary>Devices that have something that only one can have.</summary>
    public IEnumerable<string> With(string key) => _told.Where(t => ModelKeys.Of(t.Key, t.Value.Properties).Contains(key)).Select(t => t.Key);

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
                Rename(path, old, seen.Path);
            _told.Remove(old);
        }
        _told[seen.Path] = seen;
    }

    private void Rename(string path, string old, string now)
    {
        var told = _told[path];
        _told.Remove(path);
        _told[now + path[old.Length..]] = told with { Parent = Rebase(told.Parent, old, now) };
    }

    private static string Rebase(string path, string old, string now) =>
        path == old || path.StartsWith(old + "/", StringComparison.Ordinal) ? now + path[old.Length..] : path;
}
