namespace UeventManager.Core.Uevents;

/// <summary>Where something stands in a block.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct Piece(int Start, int Length)
{
    /// <summary>True for a value that is there: it stands behind its key.</summary>
    public bool Exists => Start > 0;

    /// <summary>The bytes.</summary>
    /// <param name="block">The block that it is a piece of.</param>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> block) => block.Slice(Start, Length);
}

/// <summary>What one walk over a block of properties tells of it, so that nobody behind the parser walks it again.</summary>
public readonly record struct PropertyOutline
{
    /// <summary>DEVTYPE's value; of a key that is there twice the last one counts.</summary>
    public Piece DevType { get; init; }

    /// <summary>DEVNAME's value.</summary>
    public Piece DevName { get; init; }

    /// <summary>DRIVER's value.</summary>
    public Piece Driver { get; init; }

    /// <summary>
    /// What is the device's: the kernel writes what is the event's first and last (kobject_uevent_env()), between stands what the device says, in
    /// an order that stays. From the first entry that is not the event's to the last.
    /// </summary>
    public Piece Own { get; init; }

    /// <summary>True if all of it is printable ASCII without quotes and backslashes.</summary>
    public bool IsPlain { get; init; }

    /// <summary>True if a key is there twice.</summary>
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
        // The same key has the same mark, and a different one rarely.
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

    // One bit of 64, by the key's length and three of its letters: keys of one kind differ in the last ones, as NAME and NAME_OLD do.
    private static ulong MarkOf(ReadOnlySpan<byte> key) =>
        1ul << (int)((((uint)key.Length << 24) ^ ((uint)key[^1] << 16) ^ ((uint)key[key.Length / 2] << 8) ^ key[0]) * 0x9E3779B1u >> 26);
}
