using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>The order of devpaths decides which device waits for which.</summary>
public sealed class DevPathsTests
{
    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Theory]
    [InlineData("/a/veth99/queues", "/a/veth99", true)]
    [InlineData("/a/veth999", "/a/veth99", false)]
    [InlineData("/a/veth99", "/a/veth99", false)]
    [InlineData("/a/veth99", "/a/veth999", false)]
    [InlineData("/a/veth99", "/a", true)]
    [InlineData("/a/b/c/d", "/a/b", true)]
    [InlineData("/b/a/x", "/a", false)]
    public void A_path_is_below_another_only_by_whole_components(string path, string ancestor, bool below) =>
        Assert.Equal(below, DevPaths.IsBelow(Bytes(path), Bytes(ancestor)));

    [Theory]
    [InlineData("/a/b/c", "/a/b", "c")]
    [InlineData("/a", "", "a")]
    public void Parent_and_name(string path, string parent, string name)
    {
        Assert.Equal(parent, Datagram.Text(DevPaths.Parent(Bytes(path))));
        Assert.Equal(name, Datagram.Text(DevPaths.SysName(Bytes(path))));
    }

    [Theory]
    [InlineData("/devices/a", true)]
    [InlineData("/devices", false)]
    [InlineData("/devicesx/a", false)]
    [InlineData("/module/devices/a", false)]
    public void Only_what_is_below_devices_can_be_a_device(string path, bool below) =>
        Assert.Equal(below, DevPaths.IsBelowDevices(Bytes(path)));
}
