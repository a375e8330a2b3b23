using System.Text;
using UeventManager.Core.Forwarding;

namespace UeventManager.Tests.Forwarding;

/// <summary>The devices that clients know, by path: an error here sends a false difference, or none where there is one.</summary>
public sealed class ForwardedDevicesTests
{
    private readonly ForwardedDevices _devices = new();

    [Fact]
    public void A_move_takes_along_the_descendants_and_no_sibling()
    {
        foreach (var path in new[] { "/devices/v1", "/devices/v1/q", "/devices/v1/q/r", "/devices/v10", "/devices/v1x/q" })
            Put(path);
        Assert.Equal(["/devices/w", "/devices/w/q", "/devices/w/q/r"], _devices.Move("/devices/v1"u8, "/devices/w"u8).Select(PathOf));
        Assert.Equal(["/devices/v10", "/devices/v1x/q", "/devices/w", "/devices/w/q", "/devices/w/q/r"], _devices.All.Select(PathOf).Order(StringComparer.Ordinal));
        Assert.True(_devices.TryGet("/devices/w/q"u8, out var below));
        Assert.Equal("/devices/w/q", Encoding.UTF8.GetString(below.Property("DEVPATH"u8)));
    }

    [Fact]
    public void Removed_devices_are_forwarded_children_first()
    {
        foreach (var path in new[] { "/devices/a", "/devices/a/b", "/devices/a/b/c", "/devices/k", "/devices/a-b" })
            Put(path);
        Assert.Equal(["/devices/a-b", "/devices/a/b/c", "/devices/a/b", "/devices/a"], _devices.Without([Make("/devices/k"), Make("/devices/new")]).Select(PathOf));
        Assert.Empty(_devices.Without([.. _devices.All]));
    }

    [Theory]
    [InlineData("\"IFINDEX\":\"7\"", "\"IFINDEX\":\"8\"", false)]
    [InlineData("\"MAJOR\":\"8\",\"MINOR\":\"0\"", "\"MAJOR\":\"8\",\"MINOR\":\"16\"", false)]
    [InlineData("\"DISKSEQ\":\"1\"", "\"DISKSEQ\":\"2\"", false)]
    [InlineData("\"DISKSEQ\":\"1\"", "\"RO\":\"1\"", true)]
    [InlineData("\"IFINDEX\":\"7\",\"A\":\"1\"", "\"IFINDEX\":\"7\",\"A\":\"2\"", true)]
    public void A_different_number_at_the_same_path_is_a_different_device(string one, string other, bool isSame)
    {
        var (first, second) = (Make("/devices/x", one), Make("/devices/x", other));
        Assert.Equal(isSame, first.IsSame(second));
        Assert.False(first.SaysTheSame(second));
        Assert.True(Make("/devices/x", "\"A\":\"1\",\"B\":\"=\"").SaysTheSame(Make("/devices/x", "\"B\":\"=\",\"A\":\"1\"")));
    }

    [Fact]
    public void Properties_of_a_single_event_make_no_difference()
    {
        var device = Make("/devices/x", "\"A\":\"1\"");
        Assert.False(device.Take(Replies.Of("change", "/devices/x", "net", ",\"A\":\"1\",\"SEQNUM\":\"9\",\"SYNTH_UUID\":\"0\",\"ACTION\":\"change\"")));
        Assert.True(device.Take(Replies.Of("change", "/devices/x", "net", ",\"A\":\"2\"")));
        Assert.True(device.Take(Replies.Of("change", "/devices/x", "net", ",\"A\":\"2\"", settled: false)));
        Assert.True(device is { IsSettled: false, WasSettled: true });
    }

    private static string PathOf(ForwardedDevice device) => Encoding.UTF8.GetString(device.Path);

    private void Put(string path, string properties = "", string subsystem = "net", string? devtype = null) => _devices.Put(Make(path, properties, subsystem, devtype));

    private ForwardedDevice Make(string path, string properties = "", string subsystem = "net", string? devtype = null)
    {
        var device = _devices.Make(Encoding.UTF8.GetBytes(path));
        var all = string.Join(',', new[] { properties, devtype is null ? "" : $"\"DEVTYPE\":\"{devtype}\"" }.Where(text => text.Length > 0));
        device.Take(Replies.Of("add", path, subsystem, all.Length == 0 ? "" : "," + all));
        return device;
    }
}
