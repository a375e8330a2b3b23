using System.Text;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A wrong answer turns devices into kobjects, without state and rules, or net queues into devices.</summary>
public sealed class SubsystemDirectoryTests
{
    [Theory]
    [InlineData("net", nameof(SubsystemKind.Class))]
    [InlineData("pci", nameof(SubsystemKind.Bus))]
    [InlineData("queues", nameof(SubsystemKind.None))]
    [InlineData("", nameof(SubsystemKind.None))]
    [InlineData(".", nameof(SubsystemKind.None))]
    [InlineData("..", nameof(SubsystemKind.None))]
    [InlineData("net/x", nameof(SubsystemKind.None))]
    [InlineData("../class/net", nameof(SubsystemKind.None))]
    [InlineData("ne", nameof(SubsystemKind.None))]
    public void Classes_and_buses_are_subsystems(string name, string expected)
    {
        using var tree = new ScratchTree();
        Directory.CreateDirectory(tree.Inside("/class/net/x"));
        Directory.CreateDirectory(tree.Inside("/bus/pci"));
        var directory = new SubsystemDirectory(tree.Tree);
        Assert.Equal(expected, directory.Of(Encoding.UTF8.GetBytes(name)).ToString());
        Assert.Equal(expected, directory.Of(Encoding.UTF8.GetBytes(name)).ToString());
        Assert.Equal(SubsystemKind.None, directory.Of(new byte[300].AsSpan()));
    }

    [Fact]
    public void A_known_subsystem_is_remembered_and_an_unknown_one_is_not()
    {
        using var tree = new ScratchTree();
        var directory = new SubsystemDirectory(tree.Tree);
        Assert.Equal(SubsystemKind.None, directory.Of("mdev"u8));
        Directory.CreateDirectory(tree.Inside("/bus/mdev"));
        Assert.Equal(SubsystemKind.Bus, directory.Of("mdev"u8));
        Directory.Delete(tree.Inside("/bus/mdev"));
        Assert.Equal(SubsystemKind.Bus, directory.Of("mdev"u8));
    }
}
