using System.Buffers.Binary;

namespace UeventManager.Sysfs;

/// <summary>
/// The entries of an open directory except <c>.</c> and <c>..</c>, without allocation. Finish one enumeration before beginning another on the same
/// thread.
/// </summary>
internal ref struct DirectoryEntries
{
    // A record has a head of 19 bytes and a name of at most 255: 32 KiB hold a hundred of the longest.
    internal const int BufferBytes = 32 * 1024;

    [ThreadStatic]
    private static byte[]? t_buffer;

    private readonly int _fd;
    private readonly byte[] _buffer;
    private readonly int _atOnce;
    private int _at;
    private int _end;

    /// <param name="fd">The directory.</param>
    /// <param name="atOnce">The number of bytes per read.</param>
    internal DirectoryEntries(int fd, int atOnce = BufferBytes)
    {
        _fd = fd;
        _atOnce = atOnce;
        _buffer = t_buffer ??= GC.AllocateUninitializedArray<byte>(BufferBytes);
    }

    /// <summary>The current entry's name.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The current entry's type, a DT_ constant.</summary>
    internal byte Type { get; private set; }

    /// <summary>The errno of a read that failed although the directory may exist, so that entries may be missing; else 0.</summary>
    internal int Errno { get; private set; }

    /// <summary>Goes to the next entry; false at the end, if the directory has vanished, and if it cannot be read.</summary>
    internal bool Next()
    {
        while (true)
        {
            if (_at >= _end)
            {
                _at = 0;
                _end = FileCalls.ReadDirectory(_fd, _buffer.AsSpan(0, _atOnce));
                if (_end <= 0)
                {
                    Errno = LookErrors.Unknown(_end);
                    return false;
                }
            }
            var record = _buffer.AsSpan(_at, _end - _at);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(record[16..]);
            Type = record[18];
            var name = record[LinuxApi.DirentNameOffset..length];
            Name = name[..name.IndexOf((byte)0)];
            _at += length;
            if (!Name.SequenceEqual("."u8) && !Name.SequenceEqual(".."u8))
                return true;
        }
    }
}
