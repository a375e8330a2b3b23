using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>Clients, and the kernel for them, filter udevd's messages by these hashes: with a wrong one they receive nothing.</summary>
public sealed class UdevHashTests
{
    [Theory]
    [InlineData("net", 0xa74d3cc8)]
    [InlineData("block", 0xf0031db7)]
    [InlineData("mem", 0xc365cd83)]
    [InlineData("pci", 0x59163b92)]
    [InlineData("mdev", 0xbb5211c7)]
    [InlineData("usb", 0x0577c5e5)]
    [InlineData("usb_device", 0x27f8f50c)]
    [InlineData("disk", 0x7bcbc5ee)]
    [InlineData("partition", 0xcb234489)]
    public void The_hash_is_that_of_libudev(string text, uint hash) => Assert.Equal(hash, UdevHash.Of(Encoding.UTF8.GetBytes(text)));
}
