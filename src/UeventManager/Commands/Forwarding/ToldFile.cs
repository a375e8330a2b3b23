using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Records what was forwarded, so that a later run forwards the difference: records of a letter, a length and that many bytes. A device is recorded
/// after its message was sent, in one write with the cursor after its event: after a crash the last event may be forwarded twice, but none is
/// skipped. The file is rewritten under another name when the appended records outgrow it.
/// </summary>
internal sealed class ToldFile : IDisposable
{
    private const long MostAppended = 4 * 1024 * 1024;
    private const int HeadBytes = 5;
    private const long RetryUsec = 1_000_000;

    private readonly string _path;
    private readonly byte[] _identity;
    private readonly ByteBuffer _records = new();
    private FileStream? _stream;
    private long _appended;
    private long _retryUsec;

    private ToldFile(string path, string identity) => (_path, _identity) = (path, Encoding.UTF8.GetBytes(identity));

    /// <summary>The devices that were forwarded; null if there is no record.</summary>
    public ForwardedDevices? Devices { get; private set; }

    /// <summary>The cursor to resume at; empty for the state.</summary>
    public byte[] Cursor { get; private set; } = [];

    /// <summary>The last SEQNUM that was sent.</summary>
    public long Seqnum { get; private set; } = 1;

    /// <summary>Reads a file if it exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">The present filters and tags. After others the cursor cannot resume, but the devices are known.</param>
    public static ToldFile Open(string path, string identity)
    {
        var file = new ToldFile(path, identity);
        if (File.Exists(path))
            file.Read(File.ReadAllBytes(path));
        return file;
    }

    /// <summary>Notes a device as forwarded; written with the next mark.</summary>
    public void Note(ForwardedDevice device) => Add(_records, device);

    /// <summary>Notes a removed device.</summary>
    public void NoteRemoved(ReadOnlySpan<byte> path) => Add(_records, (byte)'R', path);

    /// <summary>Notes a moved device with its descendants.</summary>
    public void NoteMoved(ReadOnlySpan<byte> old, ReadOnlySpan<byte> now)
    {
        int head = Begin(_records, (byte)'M');
        _records.Append(old);
        _records.Append((byte)0);
        _records.Append(now);
        End(_records, head);
    }

    /// <summary>Marks everything before as forwarded.</summary>
    public void Mark(ReadOnlySpan<byte> cursor, long seqnum, ForwardedDevices devices)
    {
        Add(_records, cursor, seqnum);
        if (_stream is null || _appended > MostAppended)
        {
            Write(cursor, seqnum, devices);
            return;
        }
        _appended += _records.Length;
        try
        {
            _stream.Write(_records.Written);
        }
        catch (IOException)
        {
            // A part may have been written; a reader stops there.
            Abandon();
        }
        _records.Clear();
    }

    /// <summary>Writes a new file. If that is impossible, the old one stays, and a later mark tries again: then a restart repeats more than one event.</summary>
    public void Write(ReadOnlySpan<byte> cursor, long seqnum, ForwardedDevices devices)
    {
        _records.Clear();
        if (Monotonic.NowUsec < _retryUsec)
            return;
        Add(_records, (byte)'F', _identity);
        foreach (ForwardedDevice device in devices.All.Where(static device => device.IsTold))
            Add(_records, device);
        Add(_records, cursor, seqnum);
        string aside = _path + "~";
        FileStream? stream = null;
        try
        {
            stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            stream.Write(_records.Written);
            File.Move(aside, _path, overwrite: true);
            _stream?.Dispose();
            (_stream, _appended) = (stream, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            Abandon();
        }
        _records.Clear();
    }

    private void Abandon()
    {
        _stream?.Dispose();
        (_stream, _retryUsec) = (null, Monotonic.NowUsec + RetryUsec);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private static int Begin(ByteBuffer to, byte kind)
    {
        to.Append(kind);
        to.Append("\0\0\0\0"u8);
        return to.Length - HeadBytes;
    }

    private static void End(ByteBuffer to, int head) => BinaryPrimitives.WriteInt32LittleEndian(to.At(head)[1..], to.Length - head - HeadBytes);

    private static void Add(ByteBuffer to, byte kind, ReadOnlySpan<byte> text)
    {
        int head = Begin(to, kind);
        to.Append(text);
        End(to, head);
    }

    private static void Add(ByteBuffer to, ReadOnlySpan<byte> cursor, long seqnum)
    {
        int head = Begin(to, (byte)'C');
        Number(to, seqnum);
        to.Append((byte)' ');
        to.Append(cursor);
        End(to, head);
    }

    // Properties that sysfs cannot provide after the removal are kept too.
    private static void Add(ByteBuffer to, ForwardedDevice device)
    {
        int head = Begin(to, (byte)'D');
        to.Append(device.IsSettled ? (byte)'s' : device.WasSettled ? (byte)'w' : (byte)'-');
        Number(to, device.InitializedUsec);
        to.Append((byte)0);
        Number(to, device.Derived.Length);
        to.Append((byte)0);
        to.Append(device.Derived.Written);
        to.Append(device.Block);
        End(to, head);
    }

    private static void Number(ByteBuffer to, long number)
    {
        Utf8Formatter.TryFormat(number, to.Room(20), out int length);
        to.Advance(length);
    }

    // Reads a number and its NUL; a file that was cut off may lack a part.
    private static bool TryNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        if (!Utf8Parser.TryParse(text, out number, out int length) || number < 0 || length == text.Length || text[length] != 0)
            return false;
        text = text[(length + 1)..];
        return true;
    }

    // Records after the last mark were not forwarded, or not completely.
    private void Read(ReadOnlySpan<byte> text)
    {
        var pending = new List<(int Start, int Length, byte Kind)>();
        var devices = new ForwardedDevices();
        bool isOfIdentity = false, isMarked = false;
        for (int at = 0; at + HeadBytes <= text.Length;)
        {
            (byte kind, int length) = (text[at], BinaryPrimitives.ReadInt32LittleEndian(text[(at + 1)..]));
            at += HeadBytes;
            if (length < 0 || length > text.Length - at)
                break; // Cut off by a kill.
            ReadOnlySpan<byte> record = text.Slice(at, length);
            if (kind == 'F')
            {
                isOfIdentity = record.SequenceEqual(_identity);
            }
            else if (kind == 'C' && Utf8Parser.TryParse(record, out long seqnum, out int digits) && digits < record.Length)
            {
                foreach ((int start, int bytes, byte what) in pending)
                    Apply(devices, what, text.Slice(start, bytes));
                pending.Clear();
                (isMarked, Seqnum, Cursor) = (true, seqnum, isOfIdentity ? record[(digits + 1)..].ToArray() : []);
            }
            else
            {
                pending.Add((at, length, kind));
            }
            at += length;
        }
        Devices = isMarked ? devices : null;
    }

    private static void Apply(ForwardedDevices devices, byte kind, ReadOnlySpan<byte> record)
    {
        switch (kind)
        {
            case (byte)'D':
                Take(devices, record);
                break;
            case (byte)'R' when devices.TryGet(record, out ForwardedDevice? gone):
                devices.Drop(gone);
                break;
            case (byte)'M' when record.IndexOf((byte)0) is var end and > 0:
                devices.Move(record[..end], record[(end + 1)..]);
                break;
        }
    }

    private static void Take(ForwardedDevices devices, ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty)
            return;
        byte settled = record[0];
        ReadOnlySpan<byte> rest = record[1..];
        if (!TryNumber(ref rest, out long usec) || !TryNumber(ref rest, out long length) || length > rest.Length)
            return;
        int derived = (int)length;
        if (!PropertyBlock.TryGet(rest[derived..], "DEVPATH"u8, out ReadOnlySpan<byte> path))
            return;
        ForwardedDevice device = devices.Make(path);
        device.TakeBlock(rest[derived..]);
        device.Derived.Append(rest[..derived]);
        DeviceText.Id(device.Id, device.Block);
        (device.InitializedUsec, device.IsSettled, device.WasSettled, device.IsTold) = (usec, settled == 's', settled != '-', true);
        devices.Put(device);
    }
}
