namespace UeventManager.Core.Settle;

/// <summary>A timer entry. It is in at most one <see cref="DueHeap{T}"/>.</summary>
/// <param name="owner">The owner.</param>
public sealed class DueEntry<T>(T owner)
{
    /// <summary>The owner.</summary>
    public T Owner => owner;

    /// <summary>The due time, in CLOCK_MONOTONIC microseconds.</summary>
    public long DueUsec { get; internal set; }

    /// <summary>True while the entry is in a heap.</summary>
    public bool IsSet => Index >= 0;

    internal int Index { get; set; } = -1;
}

/// <summary>Finds the next due entry among very many: a binary heap whose entries can be moved and removed in O(log n).</summary>
public sealed class DueHeap<T>
{
    private DueEntry<T>[] _entries = new DueEntry<T>[16];

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The due time of the next entry; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextUsec => Count == 0 ? long.MaxValue : _entries[0].DueUsec;

    /// <summary>The next entry.</summary>
    public DueEntry<T> Peek() => _entries[0];

    /// <summary>Adds an entry, or moves it.</summary>
    public void Set(DueEntry<T> entry, long dueUsec)
    {
        if (entry.Index < 0)
        {
            if (Count == _entries.Length)
                Array.Resize(ref _entries, Count * 2);
            entry.Index = Count;
            _entries[Count++] = entry;
        }
        entry.DueUsec = dueUsec;
        Down(Up(entry.Index));
    }

    /// <summary>Removes an entry if it is in the heap.</summary>
    public void Clear(DueEntry<T> entry)
    {
        var hole = entry.Index;
        if (hole < 0)
            return;
        entry.Index = -1;
        var last = _entries[--Count];
        _entries[Count] = null!;
        if (hole == Count)
            return;
        _entries[hole] = last;
        last.Index = hole;
        Down(Up(hole));
    }

    private int Up(int index)
    {
        var entry = _entries[index];
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_entries[parent].DueUsec <= entry.DueUsec)
                break;
            Place(_entries[parent], index);
            index = parent;
        }
        Place(entry, index);
        return index;
    }

    private void Down(int index)
    {
        var entry = _entries[index];
        while (true)
        {
            var child = 2 * index + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && _entries[child + 1].DueUsec < _entries[child].DueUsec)
                child++;
            if (_entries[child].DueUsec >= entry.DueUsec)
                break;
            Place(_entries[child], index);
            index = child;
        }
        Place(entry, index);
    }

    private void Place(DueEntry<T> entry, int index)
    {
        _entries[index] = entry;
        entry.Index = index;
    }
}
