using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G4: an add comes after that of the nearest ancestor that was known and still waited.</summary>
internal sealed class OrderChecker(CheckedWorld world) : Checker(world)
{
    // What the datagrams received so far say of the world, and since when.
    private readonly Dictionary<string, (long ArrivedUsec, long Seqnum)> _known = new(StringComparer.Ordinal);

    public override void Received(Received received)
    {
        var seqnum = _known.GetValueOrDefault(received.Path).Seqnum;
        if (received.Seqnum < seqnum)
            return;
        switch (received.Action)
        {
            case "remove":
                Forget(received.Path);
                break;
            case "move" when received.OldPath is { } old && _known.ContainsKey(old):
                Move(old, received.Path);
                break;
            case "add" when !IsSame(received.Path, received.Seqnum):
                _known[received.Path] = (World.World.Now, received.Seqnum);
                break;
            default:
                _known.TryAdd(received.Path, (World.World.Now, received.Seqnum));
                break;
        }
    }

    public override void Delivered(SeenEvent seen)
    {
        if (World.IsReconciling)
        {
            _known.Clear();
            return;
        }
        if (seen.Action != "add")
            return;
        for (var above = Parent(seen.Path); above.Length > 0 && !World.Subscriber.Knows(above); above = Parent(above))
        {
            if (!_known.TryGetValue(above, out var known))
                continue;
            var until = known.ArrivedUsec + (SimRule.For(above, change: false)?.TimeoutUsec ?? 0);
            Require(World.World.Now >= until, $"{seen} although {above} waits until {until / 1000.0} ms");
        }
    }

    private bool IsSame(string path, long seqnum) =>
        _known.TryGetValue(path, out var known) && World.Kernel.OfSeqnum(known.Seqnum) == World.Kernel.OfSeqnum(seqnum);

    private void Forget(string path)
    {
        foreach (var gone in _known.Keys.Where(p => p == path || p.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
            _known.Remove(gone);
    }

    private void Move(string from, string to)
    {
        Forget(to);
        foreach (var path in _known.Keys.Where(p => p == from || p.StartsWith(from + "/", StringComparison.Ordinal)).ToList())
        {
            _known[to + path[from.Length..]] = _known[path];
            _known.Remove(path);
        }
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}
