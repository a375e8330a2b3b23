namespace UeventManager.Core.Uevents;

/// <summary>A place in a block.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="Length">The number of bytes.</param>
public readonly record struct Piece(int Start, int Length)
{
    /// <summary>True if the value exists: it then starts behind its key.</summary>
    public bool Exists => Start > 0;

    /// <summary>The bytes.</summary>
    /// <param name="block">The block.</param>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> block) => block.Slice(Start, Length);
}

/// <summary>The results of one pass over a block of properties, so that code behind the parser needs no further pass.</summary>
public readonly record struct PropertyOutline
{
    /// <summary>DEVTYPE's value; if the key occurs twice, the last one counts.</summary>
    public Piece DevType { get; init; }

    /// <summary>DEVNAME's value.</summary>
    public Piece DevName { get; init; }

    /// <summary>DRIVER's value.</summary>
    public Piece Driver { get; init; }

    /// <summary>
    /// The device's own part, from the first entry that does not belong to the event to the last: the kernel writes the event's entries first and
    /// last (kobject_uevent_env()), and the device's own between them in a constant order.
    /// </summary>
    public Piece Own { get; init; }

    /// <summary>True if the whole block is printable ASCII without quotes and backslashes.</summary>
    public bool IsPlain { get; init; }

    /// <summary>True if a key occurs twice.</summary>
    public bool Repeats { get; init; }

    /// <summary>Walks a block.</summary>
    public static PropertyOutline Of(ReadOnlySpan<byte> block)
    {
        var entries = new PropertyScanner(block);
        var draft = new PropertyOutlineDraft(block);
        while (entries.MoveNext())
            draft.Add(entries, PropertyKeys.Of(entries.Key));
        return draft.Outline(entries);
    }
}

/// <summary>An outline while its block is walked.</summary>
/// <param name="block">The block.</param>
internal ref struct PropertyOutlineDraft(ReadOnlySpan<byte> block)
{
    private readonly ReadOnlySpan<byte> _block = block;
    private Piece _devType;
    private Piece _devName;
    private Piece _driver;
    private ulong _marks;
    private int _ownStart = -1;
    private int _ownEnd;
    private bool _repeats;

    public void Add(in PropertyScanner entry, PropertyKey key)
    {
        if (entry.Equal <= entry.Start)
            return;
        var mark = MarkOf(entry.Key);
        // Equal keys have equal marks; different keys rarely have.
        if ((_marks & mark) != 0)
            _repeats |= PropertyBlock.TryGet(_block[..entry.Start], entry.Key, out _);
        _marks |= mark;
        if (!key.IsOfEvent())
        {
            if (_ownStart < 0)
                _ownStart = entry.Start;
            _ownEnd = entry.End + 1;
        }
        if (key < PropertyKey.DevType)
            return;
        var value = new Piece(entry.Equal + 1, entry.End - entry.Equal - 1);
        if (key == PropertyKey.DevType)
            _devType = value;
        else if (key == PropertyKey.DevName)
            _devName = value;
        else
            _driver = value;
    }

    public readonly PropertyOutline Outline(in PropertyScanner walked) => new()
    {
        DevType = _devType,
        DevName = _devName,
        Driver = _driver,
        Own = _ownStart < 0 ? default : new Piece(_ownStart, Math.Min(_ownEnd, _block.Length) - _ownStart),
        IsPlain = walked.IsPlain,
        Repeats = _repeats,
    };

    // One bit of 64, from the key's length and three of its letters: related keys differ in the last letters, as NAME and NAME_OLD do.
    private static ulong MarkOf(ReadOnlySpan<byte> key) =>
        1ul << (int)((((uint)key.Length << 24) ^ ((uint)key[^1] << 16) ^ ((uint)key[key.Length / 2] << 8) ^ key[0]) * 0x9E3779B1u >> 26);
}
