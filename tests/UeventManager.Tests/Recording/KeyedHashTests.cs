using UeventManager.Core.Recording;

namespace UeventManager.Tests.Recording;

/// <summary>Pseudonyms are as good as their hash: the test vectors of SipHash's authors.</summary>
public sealed class KeyedHashTests
{
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(7, 0xab0200f58b01d137)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    [InlineData(63, 0x958a324ceb064572)]
    public void TheHashIsSipHash(int length, ulong expected) =>
        Assert.Equal(expected, KeyedHash.Of([.. Enumerable.Range(0, 16).Select(one => (byte)one)], [.. Enumerable.Range(0, length).Select(one => (byte)one)]));
}
