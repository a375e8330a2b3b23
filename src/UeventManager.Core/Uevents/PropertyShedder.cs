using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Chooses what a message that is too long leaves out: first the properties that are not named <c>ID_*</c>, then those that are; of these the
/// longest first, and of equally long ones the first by name. Properties that a client requires, or finds a device by, are never left out.
/// </summary>
public sealed class PropertyShedder : IComparer<int>
{
    // The most names that are reported.
    private const int MostNames = 16;

    private readonly List<(int Start, int Length)> _entries = [];
    private readonly List<int> _order = [];
    private readonly List<string> _names = [];
    private byte[] _text = [];

    /// <summary>The number of messages that shed a property.</summary>
    public long Shortened { get; private set; }

    /// <summary>The first properties that the last such message shed, in order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The number of properties that it shed.</summary>
    public int Count { get; private set; }

    /// <summary>Takes properties out until the rest fits.</summary>
    /// <param name="buffer">The message: what must stay, then the properties, each <c>KEY=VALUE</c> with its NUL.</param>
    /// <param name="start">Where the properties begin.</param>
    /// <param name="length">The number of bytes of the message, before and after.</param>
    /// <param name="most">The most bytes.</param>
    /// <returns>False if what must stay does not fit.</returns>
    public bool TryShorten(byte[] buffer, int start, ref int length, int most)
    {
        Read(buffer, start, length);
        var total = length;
        var shed = 0;
        for (; total > most && shed < _order.Count; shed++)
            total -= _entries[_order[shed]].Length;
        if (total > most)
            return false;
        _names.Clear();
        for (var i = 0; i < shed; i++)
        {
            if (i < MostNames)
                _names.Add(Encoding.UTF8.GetString(KeyOf(_entries[_order[i]])));
            _entries[_order[i]] = default;
        }
        length = start;
        foreach (var (from, bytes) in _entries)
        {
            buffer.AsSpan(from, bytes).CopyTo(buffer.AsSpan(length));
            length += bytes;
        }
        Count = shed;
        Shortened++;
        return true;
    }

    /// <summary>The order in which entries, by their index, are shed.</summary>
    public int Compare(int x, int y)
    {
        var (one, other) = (_entries[x], _entries[y]);
        ReadOnlySpan<byte> key = KeyOf(one), otherKey = KeyOf(other);
        var (isId, otherIsId) = (key.StartsWith("ID_"u8), otherKey.StartsWith("ID_"u8));
        if (isId != otherIsId)
            return isId ? 1 : -1;
        if (one.Length != other.Length)
            return other.Length - one.Length;
        return key.SequenceCompareTo(otherKey) is var order and not 0 ? order : x - y;
    }

    private void Read(byte[] buffer, int start, int length)
    {
        _text = buffer;
        _entries.Clear();
        _order.Clear();
        for (var at = start; at < length;)
        {
            var bytes = buffer.AsSpan(at, length - at).IndexOf((byte)0) + 1;
            if (!IsKept(KeyOf((at, bytes))))
                _order.Add(_entries.Count);
            _entries.Add((at, bytes));
            at += bytes;
        }
        _order.Sort(this);
    }

    private ReadOnlySpan<byte> KeyOf((int Start, int Length) entry)
    {
        ReadOnlySpan<byte> text = _text.AsSpan(entry.Start, entry.Length);
        return text[..text.IndexOf((byte)'=')];
    }

    // Properties that a client requires, or by which it finds or opens the device.
    private static bool IsKept(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("ACTION"u8) || key.SequenceEqual("DEVPATH"u8) || key.SequenceEqual("SUBSYSTEM"u8) || key.SequenceEqual("SEQNUM"u8)
        || key.SequenceEqual("DEVTYPE"u8) || key.SequenceEqual("DEVNAME"u8) || key.SequenceEqual("MAJOR"u8) || key.SequenceEqual("MINOR"u8)
        || key.SequenceEqual("IFINDEX"u8) || key.SequenceEqual("INTERFACE"u8) || key.SequenceEqual("DRIVER"u8) || key.SequenceEqual("DEVPATH_OLD"u8)
        || key.SequenceEqual("DISKSEQ"u8) || key.SequenceEqual("USEC_INITIALIZED"u8) || key.SequenceEqual("TAGS"u8) || key.SequenceEqual("CURRENT_TAGS"u8)
        || key.SequenceEqual("UDEV_DATABASE_VERSION"u8) || key.SequenceEqual("UEVENT_MANAGER"u8) || key.SequenceEqual("SYNTH_UUID"u8);
}
