using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A node that is wrongly taken for the device's would give a consumer another device.</summary>
public sealed class DeviceNodesTests
{
    private static readonly DeviceIdentity Null = new("/devices/virtual/mem/null", "mem", "null", "1", "3");

    [Fact]
    public void Only_the_right_name_type_and_numbers_will_do()
    {
        Assert.SkipUnless(File.Exists("/dev/null") && File.Exists("/dev/zero"), "there are no device nodes here");
        var nodes = new DeviceNodes();
        Assert.True(nodes.Exists(Null));
        Assert.True(nodes.Exists(Null with { DevName = "/dev/null" }));
        Assert.False(nodes.Exists(Null with { DevName = "zero" }));
        Assert.False(nodes.Exists(Null with { Minor = "4" }));
        Assert.False(nodes.Exists(Null with { Subsystem = "block" }));
        Assert.False(nodes.Exists(Null with { DevName = null }));
        Assert.False(nodes.Exists(Null with { Major = null }));
        Assert.False(nodes.Exists(Null with { DevName = "../dev/null" }));
        Assert.False(nodes.Exists(Null with { DevName = "//null" }));
        Assert.False(nodes.Exists(Null with { DevName = "" }));
    }

    [Fact]
    public void A_symlink_or_a_file_does_not_count_as_a_node()
    {
        var directory = Directory.CreateTempSubdirectory("dev");
        try
        {
            File.CreateSymbolicLink(Path.Combine(directory.FullName, "null"), "/dev/null");
            Assert.False(new DeviceNodes(directory.FullName).Exists(Null));
            File.WriteAllText(Path.Combine(directory.FullName, "file"), "");
            Assert.False(new DeviceNodes(directory.FullName).Exists(Null with { DevName = "file" }));
            Assert.False(new DeviceNodes(Path.Combine(directory.FullName, "nowhere")).Exists(Null));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
