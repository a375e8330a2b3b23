using System.Text;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A wrong answer turns devices into kobjects, without state and rules, or net queues into devices.</summary>
public sealed class SubsystemDirectoryTests
{
    [Theory]
    [InlineData("net", true)]
    [InlineData("pci", true)]
    [InlineData("queues", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("net/x", false)]
    [InlineData("../class/net", false)]
    [InlineData("ne", false)]
    public void Classes_and_buses_are_subsystems(string name, bool expected)
    {
        using var tree = new ScratchTree();
        Directory.CreateDirectory(tree.Inside("/class/net/x"));
        Directory.CreateDirectory(tree.Inside("/bus/pci"));
        var directory = new SubsystemDirectory(tree.Tree);
        Assert.Equal(expected, directory.IsDeviceSubsystem(Encoding.UTF8.GetBytes(name)));
        Assert.Equal(expected, directory.IsDeviceSubsystem(Encoding.UTF8.GetBytes(name)));
        Assert.False(directory.IsDeviceSubsystem(new byte[300].AsSpan()));
    }

    [Fact]
    public void A_yes_is_remembered_and_a_no_is_not()
    {
        using var tree = new ScratchTree();
        var directory = new SubsystemDirectory(tree.Tree);
        Assert.False(directory.IsDeviceSubsystem("mdev"u8));
        Directory.CreateDirectory(tree.Inside("/bus/mdev"));
        Assert.True(directory.IsDeviceSubsystem("mdev"u8));
        Directory.Delete(tree.Inside("/bus/mdev"));
        Assert.True(directory.IsDeviceSubsystem("mdev"u8));
    }
}
