namespace UeventManager.Sysfs;

/// <summary>
/// Open handles of the devices that wait, or whose changes are looked at, by the engine's key: a check relative to a handle costs a third of one by the
/// full path. At the limit the handle that was used least recently is closed; its device is opened anew when asked
/// about. One thread uses it.
/// </summary>
internal sealed class DirectoryCache : IDisposable
{
    /// <summary>Most handles that are kept.</summary>
    public const int MaxHandles = 4096;

    private readonly Dictionary<long, LinkedListNode<(long Key, DeviceDirectory Directory)>> _byKey = [];
    private readonly LinkedList<(long Key, DeviceDirectory Directory)> _byUse = new();

    /// <summary>Makes an empty cache.</summary>
    /// <param name="capacity">Most handles kept; by default <see cref="MaxHandles"/>, less where half of RLIMIT_NOFILE is less.</param>
    public DirectoryCache(int? capacity = null) =>
        Capacity = capacity ?? (int)Math.Clamp(FileCalls.DescriptorLimit() / 2, 1, MaxHandles);

    /// <summary>Most handles kept.</summary>
    public int Capacity { get; }

    /// <summary>Handles kept now.</summary>
    public int Count => _byKey.Count;

    /// <summary>The handle kept under a key, or null.</summary>
    public DeviceDirectory? Get(long key)
    {
        if (!_byKey.TryGetValue(key, out var node))
            return null;
        if (_byUse.First != node)
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }
        return node.Value.Directory;
    }

    /// <summary>Keeps a handle, which the cache owns from now on; one kept under the same key is closed.</summary>
    public void Put(long key, DeviceDirectory directory)
    {
        Drop(key);
        while (_byKey.Count >= Capacity && _byUse.Last is { } last)
            Drop(last.Value.Key);
        _byKey.Add(key, _byUse.AddFirst((key, directory)));
    }

    /// <summary>Closes the handle kept under a key, if there is one.</summary>
    public void Drop(long key)
    {
        if (!_byKey.Remove(key, out var node))
            return;
        _byUse.Remove(node);
        node.Value.Directory.Dispose();
    }

    /// <summary>Closes one handle, the one used least recently, to make room for a descriptor; false if none is kept.</summary>
    public bool DropOldest()
    {
        if (_byUse.Last is not { } last)
            return false;
        Drop(last.Value.Key);
        return true;
    }

    /// <summary>Closes all handles.</summary>
    public void Clear()
    {
        while (DropOldest())
        {
        }
    }

    /// <inheritdoc cref="Clear"/>
    public void Dispose() => Clear();
}
