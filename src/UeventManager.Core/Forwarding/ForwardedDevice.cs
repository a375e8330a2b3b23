using UeventManager.Core.Dispatch;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>A device as it was told last, in memory that is used again for another one once it is gone.</summary>
public sealed class ForwardedDevice
{
    private readonly ByteBuffer _path = new();
    private readonly ByteBuffer _block = new();
    private readonly ByteBuffer _other = new();
    private bool _isSwapped;

    /// <summary>The devpath.</summary>
    public ReadOnlySpan<byte> Path => _path.Written;

    /// <summary>What is told of it in every event, <c>KEY=VALUE\0…</c>: nothing of one event, nothing that only the forwarder knows.</summary>
    public ReadOnlySpan<byte> Block => Newest.Written;

    /// <summary>What udevd's builtins would have read from sysfs.</summary>
    public ByteBuffer Derived { get; } = new();

    /// <summary>Its name in udev's database; empty if it can have no entry.</summary>
    public ByteBuffer Id { get; } = new();

    /// <summary>Its entry as it was written last; empty if it was not.</summary>
    public ByteBuffer Entry { get; } = new();

    /// <summary>When it was first told, CLOCK_MONOTONIC microseconds; 0 until then.</summary>
    public long InitializedUsec { get; set; }

    /// <summary>True if all conditions of its rule held when it was told last.</summary>
    public bool IsSettled { get; set; }

    /// <summary>True if they ever held: udev keeps a tag that a device once had.</summary>
    public bool WasSettled { get; set; }

    /// <summary>True if clients know it: it fits a filter.</summary>
    public bool IsTold { get; set; }

    /// <summary>Tells one walk over all devices from the next.</summary>
    internal long Round { get; set; }

    private ByteBuffer Newest => _isSwapped ? _other : _block;

    private ByteBuffer Spare => _isSwapped ? _block : _other;

    /// <summary>Forgets the device before, and is another one.</summary>
    internal void Begin(ReadOnlySpan<byte> path)
    {
        SetPath(path);
        Newest.Clear();
        Derived.Clear();
        Id.Clear();
        Entry.Clear();
        (InitializedUsec, IsSettled, WasSettled, IsTold, Round) = (0, false, false, false, 0);
    }

    /// <summary>Gives it another devpath; it may not be in a set meanwhile.</summary>
    internal void SetPath(ReadOnlySpan<byte> path)
    {
        _path.Clear();
        _path.Append(path);
    }

    /// <summary>Takes what an event, or a state, says of it.</summary>
    /// <returns>False if that is what was told already.</returns>
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

    /// <summary>Takes a block that was noted.</summary>
    public void TakeBlock(ReadOnlySpan<byte> block)
    {
        Newest.Clear();
        Newest.Append(block);
    }

    /// <summary>Has the block name the devpath that it has now, after a move of a device above.</summary>
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

    /// <summary>A property of it; empty if it has none.</summary>
    public ReadOnlySpan<byte> Property(ReadOnlySpan<byte> key) => PropertyBlock.TryGet(Block, key, out var value) ? value : default;

    /// <summary>Whether another one at the same devpath is the same device: of another interface index, device number or disk it is not.</summary>
    public bool IsSame(ForwardedDevice other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Agrees(other, "IFINDEX"u8) && Agrees(other, "MAJOR"u8) && Agrees(other, "MINOR"u8) && Agrees(other, "DISKSEQ"u8);
    }

    /// <summary>Whether what is told of both is the same.</summary>
    public bool SaysTheSame(ForwardedDevice other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsSettled == other.IsSettled && (Block.SequenceEqual(other.Block) || HasTheSame(other));
    }

    // An event and the uevent file may tell the same in another order.
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

    // An event that was made by hand may name no number.
    private bool Agrees(ForwardedDevice other, ReadOnlySpan<byte> key)
    {
        var value = Property(key);
        var theirs = other.Property(key);
        return value.IsEmpty || theirs.IsEmpty || value.SequenceEqual(theirs);
    }
}
