using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>With a sysfs of another namespace every network device would wait until its timeout.</summary>
public sealed class NetworkNamespaceCheckTests
{
    private const string Table = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:     100       1    0    0    0     0          0         0       11       1    0    0    0     0       0          0
          eth0: 5000000000  99    0    0    0     0          0         0        1       1    0    0    0     0       0          0

        """;

    [Fact]
    public void The_kernels_table_is_read()
    {
        var rows = InterfaceTable.Parse(Table, name => name.Length);
        Assert.Equal(new InterfaceRow(2, 111), rows["lo"]);
        Assert.Equal(new InterfaceRow(4, 5_000_000_001), rows["eth0"]);
        Assert.Equal(2, rows.Count);
    }

    [Theory]
    [InlineData("lo 1 5", "lo 1 7", "lo 1 9", nameof(NamespaceVerdict.Same))]
    [InlineData("lo 1 0", "lo 1 0", "lo 1 0", nameof(NamespaceVerdict.Unknown))]
    [InlineData("lo 1 0", "lo 1 4", "lo 1 0", nameof(NamespaceVerdict.Different))]
    [InlineData("lo 1 5", "lo 1 4", "lo 1 9", nameof(NamespaceVerdict.Different))]
    [InlineData("lo 1 0", "lo 1 0,eth0 2 0", "lo 1 0", nameof(NamespaceVerdict.Different))]
    [InlineData("lo 1 0,eth0 2 0", "lo 1 0", "lo 1 0,eth0 2 0", nameof(NamespaceVerdict.Different))]
    [InlineData("lo 1 0,eth0 2 0", "lo 1 0,eth0 7 0", "lo 1 0,eth0 2 0", nameof(NamespaceVerdict.Different))]
    [InlineData("lo 1 0,eth0 2 5", "lo 1 0,eth0 2 5", "lo 1 0,eth0 2 5", nameof(NamespaceVerdict.Same))]
    public void Names_indices_and_counters_decide(string before, string shown, string after, string verdict) =>
        Assert.Equal(verdict, NetworkNamespaceCheck.Compare(Rows(before), Rows(shown), Rows(after)).ToString());

    [Fact]
    public void A_tree_that_is_not_sysfs_is_accepted()
    {
        using var tree = new ScratchTree();
        Assert.Equal(NamespaceVerdict.Unknown, NetworkNamespaceCheck.Run(tree.Tree));
    }

    private static Dictionary<string, InterfaceRow> Rows(string text) => text.Split(',').Select(row => row.Split(' '))
        .ToDictionary(row => row[0], row => new InterfaceRow(int.Parse(row[1]), ulong.Parse(row[2])));
}
