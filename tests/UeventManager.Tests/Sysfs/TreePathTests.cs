using Tmds.Linux;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A name that anybody may send is followed within the tree, at a cost that its length bounds.</summary>
public sealed class TreePathTests
{
    [Theory]
    [InlineData("class/net/x", "/devices/x")]
    [InlineData("/class/net/x/", "/devices/x")]
    [InlineData("class//net/./x/sub/file", "/devices/x/sub/file")]
    [InlineData("class/net/x/..", "/devices")]
    [InlineData("class/net/x/missing/further", "/devices/x/missing/further")]
    [InlineData("class/net/x/missing/../subsystem", "/class/net")]
    [InlineData("class/net/x/missing/a/b/../../../../x/subsystem", "/class/net")]
    [InlineData("class/net/whole", "/devices/x")]
    [InlineData("nowhere/../class/net/x/subsystem/x", "/devices/x")]
    [InlineData("", "/")]
    [InlineData("class/net/\u00e4", "/class/net/\u00e4")]
    public void A_path_follows_links_and_keeps_missing_components(string path, string expected)
    {
        using var tree = Tree();
        Assert.Equal(expected, TreePath.Resolve(tree.Tree, "/", path, followLast: true, out var errno));
        Assert.Equal(0, errno);
    }

    [Theory]
    [InlineData("class/net/x", "/class/net/x")]
    [InlineData("class/net/x/", "/class/net/x")]
    [InlineData("class/net/x/subsystem", "/devices/x/subsystem")]
    public void The_last_link_can_be_left_alone(string path, string expected)
    {
        using var tree = Tree();
        Assert.Equal(expected, TreePath.Resolve(tree.Tree, "/", path, followLast: false, out _));
    }

    [Theory]
    [InlineData("..", nameof(LibC.EXDEV))]
    [InlineData("class/net/out", nameof(LibC.EXDEV))]
    [InlineData("class/net/loop", nameof(LibC.ELOOP))]
    [InlineData("a\0b", nameof(LibC.ENAMETOOLONG))]
    public void A_path_that_leads_outside_or_nowhere_is_refused(string path, string expected)
    {
        using var tree = Tree();
        Assert.Null(TreePath.Resolve(tree.Tree, "/", path, followLast: true, out var errno));
        Assert.Equal(typeof(LibC).GetProperty(expected)!.GetValue(null), errno);
    }

    [Fact]
    public void A_path_has_a_greatest_length_and_a_greatest_number_of_components()
    {
        using var tree = Tree();
        var most = string.Join('/', Enumerable.Repeat("a", TreePath.MaxComponents));
        Assert.Equal("/" + most, TreePath.Resolve(tree.Tree, "/", most, followLast: true, out _));
        Assert.Null(TreePath.Resolve(tree.Tree, "/", most + "/a", followLast: true, out var errno));
        Assert.Equal(LibC.ENAMETOOLONG, errno);
        Assert.Null(TreePath.Resolve(tree.Tree, "/", new string('a', PathText.MaxBytes), followLast: true, out errno));
        Assert.Equal(LibC.ENAMETOOLONG, errno);
        Assert.Null(TreePath.Join("/" + new string('a', PathText.MaxBytes), "b"));
    }

    [Theory]
    [InlineData("/a/b", "../c/./d", "/a/c/d")]
    [InlineData("/a/b", "/c", "/c")]
    [InlineData("/a", "../../c", null)]
    public void Joining_paths_does_not_access_the_file_system(string start, string path, string? expected) => Assert.Equal(expected, TreePath.Join(start, path));

    [Fact]
    public void Existence_is_decided_within_the_tree()
    {
        using var tree = Tree();
        Assert.True(TreePath.Exists(tree.Tree, "/devices/x/uevent"));
        Assert.True(TreePath.Exists(tree.Tree, "/class/net/out"));
        Assert.False(TreePath.Exists(tree.Tree, "/class/net/out/sys"));
        Assert.False(TreePath.Exists(tree.Tree, "/../sys"));
    }

    private static ScratchTree Tree()
    {
        var tree = new ScratchTree();
        tree.Device("/devices/x");
        tree.Write("/devices/x/sub/file", "");
        tree.Link("/class/net/x", "../../devices/x");
        tree.Link("/class/net/whole", tree.Root + "/devices/x");
        tree.Link("/class/net/out", "../../..");
        tree.Link("/class/net/loop", "loop");
        return tree;
    }
}
