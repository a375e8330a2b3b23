using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A leak here ends in EMFILE and a daemon that sees nothing any more.</summary>
public sealed class DirectoryCacheTests
{
    [Fact]
    public void At_the_limit_the_least_recently_used_directory_is_closed()
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/x");
        using var cache = new DirectoryCache(2);
        var handles = Enumerable.Range(0, 3).Select(_ => tree.Open("/devices/x")).ToArray();
        cache.Put(0, handles[0]);
        cache.Put(1, handles[1]);
        Assert.Same(handles[0], cache.Get(0));
        cache.Put(2, handles[2]);
        Assert.Null(cache.Get(1));
        Assert.Equal([false, true, false], handles.Select(handle => handle.IsClosed));
        cache.Drop(0);
        cache.Drop(0);
        Assert.True(handles[0].IsClosed);
        Assert.True(cache.DropOldest());
        Assert.False(cache.DropOldest());
        Assert.All(handles, handle => Assert.True(handle.IsClosed));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Half_of_the_descriptors_are_left_to_others()
    {
        using var cache = new DirectoryCache();
        Assert.InRange(cache.Capacity, 1, DirectoryCache.MaxHandles);
    }
}
