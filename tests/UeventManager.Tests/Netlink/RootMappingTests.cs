using UeventManager.Netlink;

namespace UeventManager.Tests.Netlink;

/// <summary>With a wrong mapping a container would accept nothing, or messages that are not the kernel's.</summary>
public sealed class RootMappingTests
{
    [Theory]
    [InlineData("         0          0 4294967295\n", 0u)]
    [InlineData("0 0 1\n", 0u)]
    [InlineData("0 1000 1\n", null)]
    [InlineData("0 100000 65536\n", null)]
    [InlineData("0 100000 65536\n65536 0 1\n", 65536u)]
    [InlineData("1000 0 1\n", 1000u)]
    [InlineData("0 0 0\n", null)]
    [InlineData("", null)]
    [InlineData("0 0\n", null)]
    [InlineData("nonsense\n0 x 1\n", null)]
    public void Finds_the_uid_of_root(string map, uint? uid) => Assert.Equal(uid, RootMapping.UidOfRoot(map));
}
