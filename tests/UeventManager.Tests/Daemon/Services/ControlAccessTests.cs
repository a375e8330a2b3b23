using UeventManager.Daemon.Services;

namespace UeventManager.Tests.Daemon.Services;

/// <summary>Only the administrator can release devices.</summary>
public sealed class ControlAccessTests
{
    [Theory]
    [InlineData("         0          0 4294967295\n", 65534u, true)]
    [InlineData("         0       1000          1\n", 0u, true)]
    [InlineData("         0       1000          1\n", 65534u, false)]
    [InlineData("0 1000 1\n1 100000 65536\n", 65534u, true)]
    [InlineData("", 0u, false)]
    public void AUserWithoutAMappingIsNobody(string map, uint uid, bool isMapped) => Assert.Equal(isMapped, UidMap.IsMapped(uid, map));

    [Fact]
    public void RootMay() => Assert.True(ControlAccess.IsGranted(new PeerCredentials(1, 0, 0)));

    [Fact]
    public void ASomebodyElseMayNot() => Assert.False(ControlAccess.IsGranted(new PeerCredentials(1, 3_000_000_000, 0)));

    [Theory]
    [InlineData(0u, 1000u, 65534u, true)]
    [InlineData(1000u, 1000u, 65534u, true)]
    [InlineData(1001u, 1000u, 65534u, false)]
    [InlineData(65534u, 1000u, 65534u, false)]
    // A daemon of nobody's: everybody who has no mapping looks the same.
    [InlineData(65534u, 65534u, 65534u, false)]
    [InlineData(0u, 65534u, 65534u, true)]
    [InlineData(65534u, 65534u, 60000u, true)]
    [InlineData(60000u, 60000u, 60000u, false)]
    public void TheOverflowUidIsNobodysOwn(uint uid, uint own, uint overflow, bool may) => Assert.Equal(may, ControlAccess.IsGranted(uid, own, overflow));

    [Fact]
    public void TheOverflowUidIsTheKernels() =>
        Assert.Equal(uint.Parse(File.ReadAllText("/proc/sys/kernel/overflowuid")), UidMap.Overflow);
}
