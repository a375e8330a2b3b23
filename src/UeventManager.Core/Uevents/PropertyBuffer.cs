using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>An owned copy of a property block, in memory that is reused.</summary>
public sealed class PropertyBuffer
{
    private byte[] _bytes = [];
    private int _length;
    private PropertyOutline _outline;
    private bool _isOutlined;

    /// <summary>The properties as <c>KEY=VALUE\0…</c>.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>The outline of the properties, computed at the first use.</summary>
    public PropertyOutline Outline
    {
        get
        {
            if (!_isOutlined)
                (_outline, _isOutlined) = (PropertyOutline.Of(Span), true);
            return _outline;
        }
    }

    /// <summary>The device's own part of the block (<see cref="PropertyOutline.Own"/>).</summary>
    public ReadOnlySpan<byte> OwnPart => Outline.Own.Of(Span);

    /// <summary>Copies a block; a missing final NUL is added.</summary>
    public void Set(ReadOnlySpan<byte> block)
    {
        Reserve(block.Length + 1);
        block.CopyTo(_bytes);
        _length = block.Length;
        _isOutlined = false;
        if (_length > 0 && _bytes[_length - 1] != 0)
            _bytes[_length++] = 0;
    }

    /// <summary>Copies a block with a known outline.</summary>
    /// <param name="block">With its final NUL.</param>
    /// <param name="outline">Its outline.</param>
    public void Set(ReadOnlySpan<byte> block, in PropertyOutline outline)
    {
        Set(block);
        (_outline, _isOutlined) = (outline, true);
    }

    /// <summary>Copies another buffer.</summary>
    public void CopyFrom(PropertyBuffer other)
    {
        Set(other.Span);
        (_outline, _isOutlined) = (other._outline, other._isOutlined);
    }

    /// <summary>
    /// Lays a <c>uevent</c> file (<c>KEY=VALUE\n…</c>, uevent_show()) over the properties: its values win, and keys that only the datagram has stay.
    /// </summary>
    public void OverlayFile(ReadOnlySpan<byte> file)
    {
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range];
            var equals = line.IndexOf((byte)'=');
            if (equals > 0 && !line.Contains((byte)0))
                Put(line, equals);
        }
    }

    /// <summary>Drops a key unless a <c>uevent</c> file has it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="key">The key with its <c>=</c>.</param>
    public void DropUnless(ReadOnlySpan<byte> file, ReadOnlySpan<byte> key)
    {
        foreach (var range in file.Split((byte)'\n'))
        {
            if (file[range].StartsWith(key))
                return;
        }
        Drop(key);
    }

    /// <summary>Lays a block over the properties, so that no key occurs twice.</summary>
    public void Overlay(ReadOnlySpan<byte> block)
    {
        foreach (var entry in PropertyBlock.Entries(block))
        {
            var equals = entry.IndexOf((byte)'=');
            if (equals > 0)
                Put(entry, equals);
        }
    }

    /// <summary>Sets a key's value at its place, if the key exists; it must not occur twice.</summary>
    /// <param name="entry">Key and value.</param>
    /// <param name="equals">The end of the key.</param>
    /// <param name="at">The place to begin the search, then the end of the entry: blocks of one device nearly always have the same order.</param>
    /// <returns>False if the key is missing.</returns>
    public bool TryRenew(ReadOnlySpan<byte> entry, int equals, ref int at)
    {
        var key = entry[..(equals + 1)];
        var start = Find(key, at, _length);
        if (start < 0)
            start = Find(key, 0, Math.Min(at, _length));
        if (start < 0)
            return false;
        var known = _bytes.AsSpan(start, _length - start);
        var length = known.IndexOf((byte)0);
        if (length != entry.Length)
        {
            var end = start + length;
            Reserve(_length + entry.Length - length);
            _bytes.AsSpan(end, _length - end).CopyTo(_bytes.AsSpan(start + entry.Length));
            _length += entry.Length - length;
        }
        entry.CopyTo(_bytes.AsSpan(start));
        at = start + entry.Length + 1;
        _isOutlined = false;
        return true;
    }

    /// <summary>Finds a key.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => PropertyBlock.TryGet(Span, key, out value);

    /// <summary>A key's value as text; null if the key is missing.</summary>
    public string? Text(string key)
    {
        Span<byte> name = key.Length <= 128 ? stackalloc byte[key.Length * 3] : new byte[key.Length * 3];
        name = name[..Encoding.UTF8.GetBytes(key, name)];
        return TryGet(name, out var value) ? KernelText.Decode(value) : null;
    }

    /// <summary>
    /// Whether a <c>uevent</c> file differs: a key has another value, or a driver was bound or unbound. Keys that only a datagram has cannot be
    /// compared.
    /// </summary>
    public bool DiffersFrom(ReadOnlySpan<byte> file)
    {
        var bound = false;
        // A value may have more lines than one: print_cpu_modalias() ends with a newline.
        ReadOnlySpan<byte> more = default;
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range];
            if (!more.IsEmpty)
            {
                if (!FirstLine(ref more).SequenceEqual(line))
                    return true;
                continue;
            }
            var equals = line.IndexOf((byte)'=');
            if (equals <= 0 || line.Contains((byte)0))
                continue;
            bound |= line[..equals].SequenceEqual("DRIVER"u8);
            if (!TryGet(line[..equals], out more) || !FirstLine(ref more).SequenceEqual(line[(equals + 1)..]))
                return true;
        }
        return !more.IsEmpty || (!bound && TryGet("DRIVER"u8, out _));
    }

    private static ReadOnlySpan<byte> FirstLine(ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf((byte)'\n');
        var first = end < 0 ? lines : lines[..end];
        lines = end < 0 ? default : lines[(end + 1)..];
        return first;
    }

    // Removes every earlier occurrence of the key.
    private void Put(ReadOnlySpan<byte> line, int equals)
    {
        Drop(line[..(equals + 1)]);
        Reserve(_length + line.Length + 1);
        line.CopyTo(_bytes.AsSpan(_length));
        _bytes[_length + line.Length] = 0;
        _length += line.Length + 1;
    }

    private void Drop(ReadOnlySpan<byte> key)
    {
        _isOutlined = false;
        for (var start = 0; start < _length;)
        {
            var entry = _bytes.AsSpan(start, _length - start);
            entry = entry[..(entry.IndexOf((byte)0) + 1)];
            if (!entry.StartsWith(key))
            {
                start += entry.Length;
                continue;
            }
            _bytes.AsSpan(start + entry.Length, _length - start - entry.Length).CopyTo(_bytes.AsSpan(start));
            _length -= entry.Length;
        }
    }

    private int Find(ReadOnlySpan<byte> key, int start, int end)
    {
        while (start < end)
        {
            var rest = _bytes.AsSpan(start, _length - start);
            if (rest.StartsWith(key))
                return start;
            start += rest.IndexOf((byte)0) + 1;
        }
        return -1;
    }

    private void Reserve(int length)
    {
        if (_bytes.Length < length)
            Array.Resize(ref _bytes, (length + 63) & ~63);
    }
}
