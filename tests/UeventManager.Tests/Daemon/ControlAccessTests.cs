using UeventManager.Daemon;
using UeventManager.Varlink;

namespace UeventManager.Tests.Daemon;

/// <summary>Without these somebody without privileges could release devices, or the administrator could not.</summary>
public sealed class ControlAccessTests
{
    [Theory]
    [InlineData("         0          0 4294967295\n", 65534u, true)]
    [InlineData("         0       1000          1\n", 0u, true)]
    [InlineData("         0       1000          1\n", 65534u, false)]
    [InlineData("0 1000 1\n1 100000 65536\n", 65534u, true)]
    [InlineData("", 0u, false)]
    public void AUserWithoutAMappingIsNobody(string map, uint uid, bool isMapped) => Assert.Equal(isMapped, ControlAccess.IsMapped(uid, map));

    [Fact]
    public void RootMay() => Assert.True(ControlAccess.IsGranted(new PeerCredentials(1, 0, 0)));

    [Fact]
    public void ASomebodyElseMayNot() => Assert.False(ControlAccess.IsGranted(new PeerCredentials(1, 3_000_000_000, 0)));
}
