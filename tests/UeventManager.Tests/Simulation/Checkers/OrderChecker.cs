using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G4: an add comes after that of the nearest ancestor that was known and still waited.</summary>
internal sealed class OrderChecker(CheckedWorld world) : Checker(world)
{
    // What the datagrams received so far say of the world, and when each instance was first heard of.
    private readonly Dictionary<string, ulong> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, long> _heard = [];
    private readonly HashSet<ulong> _gone = [];
    private readonly HashSet<ulong> _givenUp = [];
    private readonly Dictionary<long, long> _newest = [];

    public override void Received(Received received)
    {
        if (World.Kernel.OfSeqnum(received.Seqnum) is not { } instance)
            return;
        if (received.Action == "remove")
        {
            _gone.Add(instance.Inode);
            // One that comes late is not for whoever is there now.
            if (_known.GetValueOrDefault(received.Path) == instance.Inode)
                Forget(received.Path);
            return;
        }
        // What comes behind its own remove brings nobody back.
        if (_gone.Contains(instance.Inode))
            return;
        // Where its add was lost, a scan may have found it earlier.
        _heard.TryAdd(instance.Inode, received.Seqnum == instance.AddSeqnum || (World.Kernel.Overruns == 0 && instance.AddSeqnum > 0) ? World.World.Now : long.MinValue / 2);
        if (received.OldPath is { } old && _known.GetValueOrDefault(old) == instance.Inode)
            Move(old, received.Path);
        if (_known.GetValueOrDefault(received.Path) < instance.Inode)
            _known[received.Path] = instance.Inode;
    }

    public override void Delivered(SeenEvent seen)
    {
        ChangesInTurn(seen);
        if (World.IsReconciling)
        {
            _known.Clear();
            return;
        }
        if (seen.Action != "add")
            return;
        Conflict(seen);
        for (var above = Parent(seen.Path); above.Length > 0 && !World.Subscriber.Knows(above); above = Parent(above))
        {
            if (!_known.TryGetValue(above, out var inode))
                continue;
            var until = Until(above, inode);
            Require(World.World.Now >= until, $"{seen} although {above} waits until {until / 1000.0} ms");
        }
    }

    // Nobody goes out with what another still has for subscribers, before its own time is over.
    private void Conflict(SeenEvent seen)
    {
        foreach (var key in ModelKeys.Of(seen.Path, seen.Properties))
        {
            var other = World.Subscriber.With(key).FirstOrDefault(path => path != seen.Path);
            var until = seen.ArrivedUsec + (SimRule.For(seen.Path, change: false)?.TimeoutUsec ?? 5_000_000);
            Require(other is null || World.World.Now >= until, $"{seen} with {key} of {other}, and should wait until {until / 1000.0} ms", $"Conflict of {key.Split('=', ' ')[0]}");
        }
    }

    // A change comes behind those of its device that came before it, unless their time was over.
    private void ChangesInTurn(SeenEvent seen)
    {
        if (seen.Action != "change" || seen.Kobject)
            return;
        // A further add, of which nobody could see for a while whose it is, is told late, with what came since.
        if (World.SeesAgainUsec > 0 && seen.Synthetic)
            return;
        if (seen.ArrivedUsec < _newest.GetValueOrDefault(seen.DeviceId) && SimRule.For(seen.Path, change: true) is { } rule)
            Require(World.World.Now >= seen.ArrivedUsec + rule.TimeoutUsec, $"{seen} comes behind a later change");
        else
            _newest[seen.DeviceId] = seen.ArrivedUsec;
    }

    private long Until(string path, ulong inode) =>
        _givenUp.Contains(inode) ? 0 : _heard[inode] + (SimRule.For(path, change: false)?.TimeoutUsec ?? 0);

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
            // What was given up under its old name holds nobody under the new one.
            if (World.World.Now >= Until(path, _known[path]))
                _givenUp.Add(_known[path]);
            _known[to + path[from.Length..]] = _known[path];
            _known.Remove(path);
        }
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}
