using UeventManager.Core.Rules;

namespace UeventManager.Tests.Sysfs;

/// <summary>A change that the fingerprint does not see would end a `stable` wait too early.</summary>
public sealed class FingerprintTests
{
    private const string Dev = "/devices/virtual/net/x";

    [Fact]
    public void Every_change_of_names_and_values_changes_it_and_nothing_else_does()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/queues/rx-0/cpus", "1");
        var query = new QueryTable().Fingerprint(["queues/*", "queues/*/cpus", "operstate"]);
        var seen = new HashSet<string>();
        Assert.True(seen.Add(tree.Ask(Dev, query).Value!));
        Assert.False(seen.Add(tree.Ask(Dev, query).Value!));
        tree.Write(Dev + "/unrelated", "1");
        Assert.False(seen.Add(tree.Ask(Dev, query).Value!));
        tree.Write(Dev + "/queues/rx-0/cpus", "2");
        Assert.True(seen.Add(tree.Ask(Dev, query).Value!));
        tree.Write(Dev + "/operstate", "");
        Assert.True(seen.Add(tree.Ask(Dev, query).Value!));
        tree.Write(Dev + "/operstate", "up");
        Assert.True(seen.Add(tree.Ask(Dev, query).Value!));
        Directory.CreateDirectory(tree.Inside(Dev + "/queues/rx-1"));
        Assert.True(seen.Add(tree.Ask(Dev, query).Value!));
        Directory.Delete(tree.Inside(Dev + "/queues/rx-1"));
        Assert.False(seen.Add(tree.Ask(Dev, query).Value!));
    }

    [Fact]
    public void A_name_that_two_globs_match_counts_once()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/a", "1");
        Assert.Equal(1, tree.Ask(Dev, new QueryTable().Fingerprint(["a", "[a]"])).Count);
    }
}
