namespace UeventManager.Sysfs;

/// <summary>
/// Open handles of waiting devices, and of devices whose changes are looked at, by the engine's key: a check relative to a handle costs a third of
/// one by the full path. At the limit the least recently used handle is closed; its device is opened again at the next question. Not thread-safe.
/// </summary>
internal sealed class DirectoryCache : IDisposable
{
    /// <summary>The most handles.</summary>
    public const int MaxHandles = 4096;

    private readonly Dictionary<long, LinkedListNode<(long Key, DeviceDirectory Directory)>> _byKey = [];
    private readonly LinkedList<(long Key, DeviceDirectory Directory)> _byUse = new();

    /// <summary>Creates an empty cache.</summary>
    /// <param name="capacity">The most handles; by default <see cref="MaxHandles"/>, or half of RLIMIT_NOFILE if that is less.</param>
    public DirectoryCache(int? capacity = null) =>
        Capacity = capacity ?? (int)Math.Clamp(FileCalls.DescriptorLimit() / 2, 1, MaxHandles);

    /// <summary>The most handles.</summary>
    public int Capacity { get; }

    /// <summary>The present number of handles.</summary>
    public int Count => _byKey.Count;

    /// <summary>The handle of a key, or null.</summary>
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

    /// <summary>Stores a handle, which the cache then owns; an earlier one with the same key is closed.</summary>
    public void Put(long key, DeviceDirectory directory)
    {
        Drop(key);
        while (_byKey.Count >= Capacity && _byUse.Last is { } last)
            Drop(last.Value.Key);
        _byKey.Add(key, _byUse.AddFirst((key, directory)));
    }

    /// <summary>Closes the handle of a key, if there is one.</summary>
    public void Drop(long key)
    {
        if (!_byKey.Remove(key, out var node))
            return;
        _byUse.Remove(node);
        node.Value.Directory.Dispose();
    }

    /// <summary>Closes the least recently used handle to free a descriptor; false if there is none.</summary>
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
