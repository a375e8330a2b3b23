using Tmds.Linux;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Sysfs;

/// <summary>A value is what the driver shows, or the reason why there is none.</summary>
public sealed class ValueReaderTests
{
    private const string Dev = "/devices/virtual/net/x";

    [Theory]
    [InlineData("up\n", "up")]
    [InlineData("up", "up")]
    [InlineData("up\n\n", "up")]
    [InlineData("QEMU NVMe Ctrl          \n", "QEMU NVMe Ctrl")]
    [InlineData("okay\0", "okay")]
    [InlineData("a\0b\0\0", "a\0b")]
    [InlineData("\0\0\0", "")]
    [InlineData("  a\t\r\n", "  a")]
    [InlineData("\n", "")]
    [InlineData("", "")]
    [InlineData("a\nb\n", "a\nb")]
    public void A_value_loses_the_white_space_and_the_NULs_at_its_end(string content, string value)
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/operstate", content);
        Assert.Equal(value, tree.Ask(Dev, "operstate", QueryNeeds.Value).Value);
    }

    [Fact]
    public void A_long_value_is_cut_and_a_binary_one_is_spelled_out()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/long", new string('x', 100_000));
        tree.Write(Dev + "/full", new string('x', SysfsQuery.MaxValueBytes - 1) + "\n");
        tree.Write(Dev + "/binary", [0x00, 0xFF, (byte)'a', (byte)'\n']);
        Assert.Equal(SysfsQuery.MaxValueBytes, tree.Ask(Dev, "long", QueryNeeds.Value).Value!.Length);
        Assert.Equal("\0\\xffa", tree.Ask(Dev, "binary", QueryNeeds.Value).Value);
        Assert.EndsWith("x", tree.Ask(Dev, "full", QueryNeeds.Value).Value, StringComparison.Ordinal);
    }

    // A read of it during a driver's probe blocks all hot-plug of PCI for ever.
    [Fact]
    public void The_attribute_that_blocks_the_kernel_is_never_read()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/waiting_for_supplier", "0\n");
        var answer = tree.Ask(Dev, "waiting_for_supplier", QueryNeeds.Value);
        Assert.Equal((true, null, LibC.EDEADLK), (answer.Exists, answer.Value, answer.Errno));
        Assert.Null(UeventManager.Commands.Verbs.AttributeFile.Read(tree.Inside(Dev + "/waiting_for_supplier")));
    }

    [Fact]
    public void A_directory_exists_without_a_value_and_an_absent_path_is_no_error()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        Directory.CreateDirectory(tree.Inside(Dev + "/queues"));
        var directory = tree.Ask(Dev, "queues", QueryNeeds.Value);
        Assert.True(directory.Exists);
        Assert.Null(directory.Value);
        Assert.Equal(LibC.EISDIR, directory.Errno);
        Assert.Equal(Answer.Absent, tree.Ask(Dev, "nothing", QueryNeeds.Value));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_reported()
    {
        Assert.SkipWhen(LibC.getuid() == 0, "root may read everything");
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/secret", "x");
        tree.Forbid(Dev + "/secret");
        var answer = tree.Ask(Dev, "secret", QueryNeeds.Value);
        Assert.True(answer.Exists);
        Assert.Equal(LibC.EACCES, answer.Errno);
    }

    [Fact]
    public void A_value_behind_a_link_within_the_tree_is_read()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write("/devices/virtual/type/name", "kind\n");
        tree.Link(Dev + "/mdev_type", "../../type");
        var answer = tree.Ask(Dev, "mdev_type/name", QueryNeeds.Value | QueryNeeds.Link);
        Assert.Equal("kind", answer.Value);
        Assert.Null(answer.LinkTarget);
    }

    [Fact]
    public void Nothing_is_found_through_the_handle_of_a_removed_device()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write("/devices/virtual/type/name", "kind\n");
        tree.Link(Dev + "/mdev_type", "../../type");
        using var device = tree.Open(Dev);
        Assert.True(device.IsAlive());
        Directory.Delete(tree.Inside(Dev), recursive: true);
        tree.Device(Dev);
        tree.Link(Dev + "/mdev_type", "../../type");
        tree.Write(Dev + "/operstate", "up\n");
        Assert.False(device.IsAlive());
        var table = new QueryTable();
        var identity = new UeventManager.Sysfs.DeviceIdentity(Dev, "net");
        foreach (var path in (string[])["operstate", "mdev_type", "mdev_type/name", "../x/operstate"])
        {
            var answer = tree.Reader.Ask(device, identity, table.Path(path, QueryNeeds.Exists | QueryNeeds.Link | QueryNeeds.Value));
            Assert.False(answer.Exists, path);
            Assert.Null(answer.LinkTarget);
        }
        using var successor = tree.Open(Dev);
        Assert.NotEqual(device.Instance, successor.Instance);
    }
}
