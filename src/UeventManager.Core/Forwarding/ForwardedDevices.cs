using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>The devices that clients know, by devpath. Those that are gone are kept for those that come: in a storm nothing is allocated.</summary>
public sealed class ForwardedDevices
{
    // Beyond so many spare ones memory is given back.
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

    /// <summary>All of them, in no order.</summary>
    public IReadOnlyCollection<ForwardedDevice> All => _devices;

    /// <summary>Finds one.</summary>
    public bool TryGet(ReadOnlySpan<byte> path, [NotNullWhen(true)] out ForwardedDevice? device) => _byPath.TryGetValue(path, out device);

    /// <summary>A device that is in no set yet.</summary>
    public ForwardedDevice Make(ReadOnlySpan<byte> path)
    {
        if (!_spare.TryPop(out var device))
            device = new ForwardedDevice();
        device.Begin(path);
        return device;
    }

    /// <summary>Adds one, in place of the one that has its devpath.</summary>
    public void Put(ForwardedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (_byPath.TryGetValue(device.Path, out var before) && before != device)
            Drop(before);
        _devices.Add(device);
    }

    /// <summary>Takes one out; it is given back by <see cref="Free"/>.</summary>
    public void Remove(ForwardedDevice device) => _devices.Remove(device);

    /// <summary>Gives back one that is in no set.</summary>
    public void Free(ForwardedDevice device)
    {
        if (_spare.Count < MaxSpare)
            _spare.Push(device);
    }

    /// <summary>Takes one out that is of no use any more.</summary>
    public void Drop(ForwardedDevice device)
    {
        Remove(device);
        Free(device);
    }

    /// <summary>Gives a device, and all that are below it, another place: the kernel tells of the device alone.</summary>
    /// <returns>Those that moved, the device first.</returns>
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

    /// <summary>What is not among others, deepest first: no device goes before what is below it.</summary>
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
