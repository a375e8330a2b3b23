namespace UeventManager.Core.Uevents;

/// <summary>Properties in the kernel's own form, <c>KEY=VALUE\0…</c>. Values may contain <c>=</c>.</summary>
public static class PropertyBlock
{
    /// <summary>Finds a key; if it occurs twice, the last one counts, as in udev.</summary>
    public static bool TryGet(ReadOnlySpan<byte> block, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        var found = false;
        foreach (var entry in Entries(block))
        {
            if (entry.Length > key.Length && entry[key.Length] == '=' && entry.StartsWith(key))
            {
                value = entry[(key.Length + 1)..];
                found = true;
            }
        }
        return found;
    }

    /// <summary>Splits a block into entries.</summary>
    public static EntryEnumerator Entries(ReadOnlySpan<byte> block) => new(block);

    /// <summary>True if the entry's key occurs again in the rest: the later entry then counts.</summary>
    public static bool IsOverridden(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> rest)
    {
        var key = entry[..(entry.IndexOf((byte)'=') + 1)];
        foreach (var later in Entries(rest))
        {
            if (later.StartsWith(key))
                return true;
        }
        return false;
    }

    /// <summary>Walks the entries of a block.</summary>
    public ref struct EntryEnumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal EntryEnumerator(ReadOnlySpan<byte> block)
        {
            _rest = block;
            Current = default;
        }

        /// <summary>The entry, without its NUL.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>The rest after the entry.</summary>
        public readonly ReadOnlySpan<byte> Rest => _rest;

        /// <summary>For <c>foreach</c>.</summary>
        public readonly EntryEnumerator GetEnumerator() => this;

        /// <summary>Goes on to the next entry.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var end = _rest.IndexOf((byte)0);
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return true;
        }
    }
}
