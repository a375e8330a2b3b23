using System.Text;
using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Ordering;

/// <summary>A device that is not found at its path would be announced twice, or never removed.</summary>
public sealed class PathMapTests
{
    [Fact]
    public void A_path_map_finds_the_same_as_a_dictionary()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        var (map, expected) = (new PathMap(), new Dictionary<string, DeviceNode>());
        for (var i = 0; i < 60_000; i++)
        {
            // Phases in which it grows and in which it shrinks.
            var path = $"/devices/{new string('p', random.Next(10))}/n{random.Next(4_000)}";
            if (expected.TryGetValue(path, out var node) && (random.Next(3) == 0 || i / 10_000 % 2 == 1))
            {
                map.Remove(node);
                expected.Remove(path);
            }
            else if (node is null && (random.Next(3) != 0 || i / 10_000 % 2 == 0))
            {
                expected[path] = node = new DeviceNode(Encoding.UTF8.GetBytes(path), null);
                map.Add(node);
            }
            var asked = $"/devices/{new string('p', random.Next(10))}/n{random.Next(4_000)}";
            Assert.True(map.Find(Encoding.UTF8.GetBytes(asked)) == expected.GetValueOrDefault(asked), Seed.Replay(seed));
        }
        Assert.All(expected, pair => Assert.Same(pair.Value, map.Find(Encoding.UTF8.GetBytes(pair.Key))));
    }

    [Fact]
    public void Names_chosen_to_collide_do_not_collide()
    {
        // Where each block acts on its own bits, the highest of one undoes what came of it by a lower one of the next.
        var hashes = new HashSet<int>();
        for (var choice = 0; choice < 1 << 10; choice++)
        {
            var path = Encoding.UTF8.GetBytes("/" + new string('a', 167));
            for (var pair = 0; pair < 10; pair++)
            {
                if ((choice >> pair & 1) == 0)
                    continue;
                path[16 * pair + 7] ^= 0x80;
                path[16 * pair + 8 + 3] ^= 0x10;
            }
            hashes.Add(PathMap.Hash(path));
        }
        Assert.InRange(hashes.Count, 1_000, 1 << 10);
    }

    [Fact]
    public void Paths_of_every_length_are_told_apart()
    {
        var map = new PathMap();
        var nodes = Enumerable.Range(1, 200).Select(length => new DeviceNode(Encoding.UTF8.GetBytes("/" + new string('a', length)), null)).ToList();
        nodes.ForEach(map.Add);
        Assert.All(nodes, node => Assert.Same(node, map.Find(node.Path)));
        Assert.Null(map.Find("/"u8));
        Assert.Null(map.Find(default));
    }
}
