using UeventManager.Core.Recording;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>One directory below a device, with the names of its last listing.</summary>
/// <param name="path">The path relative to the device; empty for the device's directory.</param>
internal sealed class WatchedFolder(string path)
{
    /// <summary>The most names in one directory; further ones are not watched.</summary>
    public const int MaxEntries = 4096;

    private readonly Dictionary<byte[], WatchedEntry> _entries = new(ByteNameComparer.Instance);

    /// <summary>The path relative to the device; empty for the device's directory.</summary>
    public string Path => path;

    /// <summary>The path relative to the device, with a final NUL.</summary>
    public byte[] PathBytes { get; } = System.Text.Encoding.UTF8.GetBytes((path.Length == 0 ? "." : path) + "\0");

    /// <summary>The number of components of its names.</summary>
    public int Depth => path.Length == 0 ? 1 : path.Count(static c => c == '/') + 2;

    /// <summary>When the last listing began.</summary>
    public long LookedUsec { get; set; }

    /// <summary>The names.</summary>
    public IEnumerable<WatchedEntry> Entries => _entries.Values;

    /// <summary>The number of names.</summary>
    public int Count => _entries.Count;

    /// <summary>Marks a name as seen.</summary>
    /// <returns>False if it was not known.</returns>
    public bool See(ReadOnlySpan<byte> name, byte type, long generation)
    {
        if (!_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var entry) || entry.Type != type)
            return false;
        entry.Generation = generation;
        return true;
    }

    /// <summary>Adds a name.</summary>
    public void Add(byte[] name, WatchedEntry entry) => _entries[name] = entry;

    /// <summary>True if the name is known.</summary>
    public bool Has(ReadOnlySpan<byte> name) => _entries.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(name);

    /// <summary>Removes the names that a listing has not seen.</summary>
    public List<WatchedEntry> TakeUnseen(long generation)
    {
        var gone = new List<WatchedEntry>();
        foreach (var (name, entry) in _entries)
        {
            if (entry.Generation == generation)
                continue;
            gone.Add(entry);
            _entries.Remove(name);
        }
        return gone;
    }
}

/// <summary>A name in a <see cref="WatchedFolder"/>.</summary>
/// <param name="name">The name as recorded.</param>
/// <param name="type">A DT_ constant.</param>
internal sealed class WatchedEntry(RecordedName name, byte type)
{
    /// <summary>The name as recorded.</summary>
    public RecordedName Name => name;

    /// <summary>A DT_ constant.</summary>
    public byte Type => type;

    /// <summary>The number of the last listing that saw it.</summary>
    public long Generation { get; set; }
}
