using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace UeventManager.Core.Ordering;

/// <summary>
/// Nodes by devpath, in chained buckets with the node's own path as the key. Every event needs one look-up, for which a dictionary makes four
/// interface calls and computes a slower hash.
/// </summary>
internal sealed class PathMap
{
    // An attacker who creates devices may choose their names but must not choose their buckets, so the factor is secret.
    private static readonly ulong Seed = Random(0);
    private static readonly ulong Factor = Random(2) | 1;
    private int[] _buckets = new int[256];
    private Entry[] _entries = new Entry[256];
    private int _used;
    private int _free = -1;

    /// <summary>The node of a path, or null.</summary>
    public DeviceNode? Find(ReadOnlySpan<byte> path)
    {
        var hash = Hash(path);
        for (var i = _buckets[hash & (_buckets.Length - 1)] - 1; i >= 0; i = _entries[i].Next)
        {
            ref readonly var entry = ref _entries[i];
            if (entry.Hash == hash && path.SequenceEqual(entry.Node!.Path))
                return entry.Node;
        }
        return null;
    }

    /// <summary>Finds the node of a path.</summary>
    public bool TryGet(ReadOnlySpan<byte> path, [NotNullWhen(true)] out DeviceNode? node) => (node = Find(path)) is not null;

    /// <summary>Adds a node with a new path.</summary>
    public void Add(DeviceNode node)
    {
        var at = _free;
        if (at >= 0)
        {
            _free = _entries[at].Next;
        }
        else
        {
            if (_used == _entries.Length)
                Grow();
            at = _used++;
        }
        var hash = Hash(node.Path);
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _entries[at] = new Entry { Hash = hash, Next = bucket - 1, Node = node };
        bucket = at + 1;
    }

    /// <summary>Removes a node; its path must be the one that it was added with.</summary>
    public void Remove(DeviceNode node)
    {
        var hash = Hash(node.Path);
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        var before = -1;
        for (var i = bucket - 1; i >= 0; before = i, i = _entries[i].Next)
        {
            if (_entries[i].Node != node)
                continue;
            if (before < 0)
                bucket = _entries[i].Next + 1;
            else
                _entries[before].Next = _entries[i].Next;
            _entries[i] = new Entry { Next = _free };
            _free = i;
            return;
        }
    }

    private void Grow()
    {
        Array.Resize(ref _entries, 2 * _entries.Length);
        _buckets = new int[_entries.Length];
        for (var i = 0; i < _used; i++)
        {
            ref var bucket = ref _buckets[_entries[i].Hash & (_buckets.Length - 1)];
            _entries[i].Next = bucket - 1;
            bucket = i + 1;
        }
    }

    private static ulong Random(int number) => (ulong)(uint)HashCode.Combine(number) << 32 | (uint)HashCode.Combine(number + 1);

    // Eight bytes a step, then the rest one by one. Both halves of each product are used, so that each bit of a name affects more than one bit.
    internal static int Hash(ReadOnlySpan<byte> path)
    {
        var hash = Seed ^ (ulong)path.Length;
        for (; path.Length >= sizeof(ulong); path = path[sizeof(ulong)..])
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(path));
        foreach (var one in path)
            hash = Mix(hash ^ one);
        return (int)(hash >> 33);
    }

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value, Factor, out var low);
        return high ^ low;
    }

    private struct Entry
    {
        public int Hash;
        public int Next;
        public DeviceNode? Node;
    }
}
