using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>An owned copy of a property block whose memory is used again and again.</summary>
public sealed class PropertyBuffer
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>The properties as <c>KEY=VALUE\0…</c>.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>Takes a copy of a block.</summary>
    public void Set(ReadOnlySpan<byte> block)
    {
        Reserve(block.Length);
        block.CopyTo(_bytes);
        _length = block.Length;
    }

    /// <summary>
    /// Lays the content of a <c>uevent</c> file (<c>KEY=VALUE\n…</c>, uevent_show()) over the properties: its values win,
    /// keys that only the datagram had stay.
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

    /// <summary>Looks a key up.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => PropertyBlock.TryGet(Span, key, out value);

    /// <summary>Looks a key up as text; null if it is not there.</summary>
    public string? Text(string key)
    {
        Span<byte> name = key.Length <= 128 ? stackalloc byte[key.Length * 3] : new byte[key.Length * 3];
        name = name[..Encoding.UTF8.GetBytes(key, name)];
        return TryGet(name, out var value) ? KernelText.Decode(value) : null;
    }

    private void Put(ReadOnlySpan<byte> line, int equals)
    {
        var key = line[..(equals + 1)];
        var start = 0;
        foreach (var entry in PropertyBlock.Entries(Span))
        {
            if (entry.StartsWith(key))
            {
                if (entry.SequenceEqual(line))
                    return;
                _bytes.AsSpan((start + entry.Length + 1)..Math.Max(_length, start + entry.Length + 1)).CopyTo(_bytes.AsSpan(start));
                _length -= entry.Length + 1;
                break;
            }
            start += entry.Length + 1;
        }
        Reserve(_length + line.Length + 1);
        line.CopyTo(_bytes.AsSpan(_length));
        _bytes[_length + line.Length] = 0;
        _length += line.Length + 1;
    }

    private void Reserve(int length)
    {
        if (_bytes.Length < length)
            Array.Resize(ref _bytes, (length + 63) & ~63);
    }
}
