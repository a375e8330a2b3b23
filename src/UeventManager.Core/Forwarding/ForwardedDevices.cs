using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>The devices that clients know, by devpath. Removed ones are reused, so that a storm allocates nothing.</summary>
public sealed class ForwardedDevices
{
    // The most devices kept for reuse.
    private const int MaxSpare = 4096;

    private readonly HashSet<ForwardedDevice> _devices;
    private readonly HashSet<ForwardedDevice>.AlternateLookup<ReadOnlySpan<byte>> _byPath;
    private readonly Stack<ForwardedDevice> _spare = new();
    private long _round;

    /// <summary>Makes an empty set.</summary>
    public ForwardedDevices()
    {
        _devices = new HashSet<ForwardedDevice>(new ByPath());
        _byPath = _devices.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>All devices, in no particular order.</summary>
    public IReadOnlyCollection<ForwardedDevice> All => _devices;

    /// <summary>Finds a device.</summary>
    public bool TryGet(ReadOnlySpan<byte> path, [NotNullWhen(true)] out ForwardedDevice? device) => _byPath.TryGetValue(path, out device);

    /// <summary>Returns a device that is in no set yet.</summary>
    public ForwardedDevice Make(ReadOnlySpan<byte> path)
    {
        if (!_spare.TryPop(out var device))
            device = new ForwardedDevice();
        device.Begin(path);
        return device;
    }

    /// <summary>Adds a device; it replaces the one at its devpath.</summary>
    public void Put(ForwardedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (_byPath.TryGetValue(device.Path, out var before) && before != device)
            Drop(before);
        _devices.Add(device);
    }

    /// <summary>Removes a device; return it with <see cref="Free"/>.</summary>
    public void Remove(ForwardedDevice device) => _devices.Remove(device);

    /// <summary>Returns a device that is in no set, for reuse.</summary>
    public void Free(ForwardedDevice device)
    {
        if (_spare.Count < MaxSpare)
            _spare.Push(device);
    }

    /// <summary>Removes and returns a device.</summary>
    public void Drop(ForwardedDevice device)
    {
        Remove(device);
        Free(device);
    }

    /// <summary>Moves a device and its descendants; the kernel reports only the device itself.</summary>
    /// <returns>The moved devices, the device first.</returns>
    public IReadOnlyList<ForwardedDevice> Move(ReadOnlySpan<byte> old, ReadOnlySpan<byte> now)
    {
        var moved = new List<ForwardedDevice>();
        foreach (var device in _devices)
        {
            if (device.Path.SequenceEqual(old) || DevPaths.IsBelow(device.Path, old))
                moved.Add(device);
        }
        moved.Sort(static (one, other) => DevPaths.CompareInTree(one.Path, other.Path));
        foreach (var device in moved)
            _devices.Remove(device);
        foreach (var device in moved)
        {
            byte[] path = [.. now, .. device.Path[old.Length..]];
            device.SetPath(path);
            device.Rename();
            Put(device);
        }
        return moved;
    }

    /// <summary>The devices that are not among others, the deepest first, so that no device goes before its descendants.</summary>
    public IReadOnlyList<ForwardedDevice> Without(IReadOnlyList<ForwardedDevice> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        _round++;
        foreach (var other in others)
        {
            if (_byPath.TryGetValue(other.Path, out var known))
                known.Round = _round;
        }
        var rest = _devices.Where(device => device.Round != _round).ToList();
        rest.Sort(static (one, other) => DevPaths.CompareInTree(other.Path, one.Path));
        return rest;
    }

    private sealed class ByPath : IEqualityComparer<ForwardedDevice>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ForwardedDevice>
    {
        public bool Equals(ForwardedDevice? x, ForwardedDevice? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Path.SequenceEqual(y.Path));

        public int GetHashCode(ForwardedDevice obj) => GetHashCode(obj.Path);

        public bool Equals(ReadOnlySpan<byte> alternate, ForwardedDevice other) => alternate.SequenceEqual(other.Path);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public ForwardedDevice Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException("Devices are made by their set.");
    }
}
