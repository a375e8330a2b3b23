using UeventManager.Core.Dispatch;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>A device as it was last forwarded. Its memory is reused for another device after its removal.</summary>
public sealed class ForwardedDevice
{
    private readonly ByteBuffer _path = new();
    private readonly ByteBuffer _block = new();
    private readonly ByteBuffer _other = new();
    private bool _isSwapped;

    /// <summary>The devpath.</summary>
    public ReadOnlySpan<byte> Path => _path.Written;

    /// <summary>The properties that all its events have, <c>KEY=VALUE\0…</c>: none of a single event, and none of the forwarder's own.</summary>
    public ReadOnlySpan<byte> Block => Newest.Written;

    /// <summary>The properties that udevd's builtins would have read from sysfs.</summary>
    public ByteBuffer Derived { get; } = new();

    /// <summary>Its name in udev's database; empty if it can have no entry.</summary>
    public ByteBuffer Id { get; } = new();

    /// <summary>Its entry as last written; empty if it was not written.</summary>
    public ByteBuffer Entry { get; } = new();

    /// <summary>When it was first forwarded, CLOCK_MONOTONIC microseconds; 0 before.</summary>
    public long InitializedUsec { get; set; }

    /// <summary>True if it was settled when it was last forwarded.</summary>
    public bool IsSettled { get; set; }

    /// <summary>True if it was ever settled: udev keeps the tags that a device once had.</summary>
    public bool WasSettled { get; set; }

    /// <summary>True if clients know it, because it matches the filter.</summary>
    public bool IsTold { get; set; }

    /// <summary>The last walk over all devices that visited it.</summary>
    internal long Round { get; set; }

    private ByteBuffer Newest => _isSwapped ? _other : _block;

    private ByteBuffer Spare => _isSwapped ? _block : _other;

    /// <summary>Becomes another device.</summary>
    internal void Begin(ReadOnlySpan<byte> path)
    {
        SetPath(path);
        Newest.Clear();
        Derived.Clear();
        Id.Clear();
        Entry.Clear();
        (InitializedUsec, IsSettled, WasSettled, IsTold, Round) = (0, false, false, false, 0);
    }

    /// <summary>Sets its devpath. It must not be in a set.</summary>
    internal void SetPath(ReadOnlySpan<byte> path)
    {
        _path.Clear();
        _path.Append(path);
    }

    /// <summary>Takes the content of an event or a state.</summary>
    /// <returns>False if nothing has changed since it was last forwarded.</returns>
    public bool Take(ForwardedEvent said)
    {
        ArgumentNullException.ThrowIfNull(said);
        Spare.Clear();
        DeviceText.Compose(Spare, Path, said, Derived.Written);
        bool isNew = said.IsSettled != IsSettled || !Spare.Written.SequenceEqual(Newest.Written);
        _isSwapped = !_isSwapped;
        IsSettled = said.IsSettled;
        WasSettled |= said.IsSettled;
        return isNew;
    }

    /// <summary>Takes a recorded block.</summary>
    public void TakeBlock(ReadOnlySpan<byte> block)
    {
        Newest.Clear();
        Newest.Append(block);
    }

    /// <summary>Puts the present devpath into the block, after an ancestor was moved.</summary>
    public void Rename()
    {
        Spare.Clear();
        DeviceText.Pair(Spare, "DEVPATH"u8, Path);
        foreach (var entry in PropertyBlock.Entries(Block))
        {
            if (!entry.StartsWith("DEVPATH="u8))
                DeviceText.Entry(Spare, entry);
        }
        _isSwapped = !_isSwapped;
    }

    /// <summary>A property; empty if it does not exist.</summary>
    public ReadOnlySpan<byte> Property(ReadOnlySpan<byte> key) => PropertyBlock.TryGet(Block, key, out var value) ? value : default;

    /// <summary>
    /// Whether a device at the same devpath is the same one: with another interface index, device number or disk sequence it is not.
    /// </summary>
    public bool IsSame(ForwardedDevice other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Agrees(other, "IFINDEX"u8) && Agrees(other, "MAJOR"u8) && Agrees(other, "MINOR"u8) && Agrees(other, "DISKSEQ"u8);
    }

    /// <summary>Whether two devices have the same properties.</summary>
    public bool SaysTheSame(ForwardedDevice other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsSettled == other.IsSettled && (Block.SequenceEqual(other.Block) || HasTheSame(other));
    }

    // An event and the uevent file may have the same properties in another order.
    private bool HasTheSame(ForwardedDevice other)
    {
        if (Block.Length != other.Block.Length)
            return false;
        foreach (var entry in PropertyBlock.Entries(Block))
        {
            var equal = entry.IndexOf((byte)'=');
            if (equal < 0 || !other.Property(entry[..equal]).SequenceEqual(entry[(equal + 1)..]))
                return false;
        }
        return true;
    }

    // A manually triggered event may lack the number.
    private bool Agrees(ForwardedDevice other, ReadOnlySpan<byte> key)
    {
        var value = Property(key);
        var theirs = other.Property(key);
        return value.IsEmpty || theirs.IsEmpty || value.SequenceEqual(theirs);
    }
}
