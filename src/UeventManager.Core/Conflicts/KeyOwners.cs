using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Conflicts;

/// <summary>
/// The announced owners of unique keys: two devices cannot have the same name on a bus, device number, ifindex or node. The hand-over does not
/// contain keys, because they follow from the devices' properties.
/// </summary>
internal sealed class KeyOwners
{
    private readonly Dictionary<UniqueKey, Device> _owners = [];
    private readonly DeviceColumn<UniqueKey[]> _keysOf = new();
    private readonly HashSet<string> _buses = new(StringComparer.Ordinal);
    private readonly List<UniqueKey> _keys = [];
    private readonly List<UniqueKey> _its = [];

    // Devices announced with another device's key after a conflict that lasted too long. Nearly always none.
    private readonly List<Device> _sharers = [];

    /// <summary>Notes that a subsystem is a bus: two devices of one bus cannot have the same name.</summary>
    public void AddBus(string subsystem) => _buses.Add(subsystem);

    /// <summary>Whether a subsystem is a bus.</summary>
    public bool IsBus(string subsystem) => _buses.Contains(subsystem);

    /// <summary>The announced device that owns a key which another device needs, or null.</summary>
    public Device? OwnerAgainst(Device device, PropertyBuffer properties)
    {
        if (_owners.Count == 0)
            return null;
        Collect(_keys, device, properties);
        foreach (var key in _keys)
        {
            if (_owners.TryGetValue(key, out var owner) && owner != device && StillHas(owner, key))
                return owner;
        }
        return null;
    }

    /// <summary>
    /// Claims the keys that subscribers know of a device: from its announcement on, and under its new name once its move is delivered.
    /// </summary>
    public void ClaimKeys(Device device)
    {
        Collect(_keys, device, device.Properties);
        Claim(device, _keys);
    }

    /// <summary>Frees the keys of a device that is removed or gets other keys.</summary>
    public void FreeKeys(Device device)
    {
        if (_owners.Count == 0 || _keysOf[device] is not { } keys)
            return;
        _keysOf[device] = null;
        if (_sharers.Count > 0)
            _sharers.Remove(device);
        foreach (var key in keys)
        {
            if (!_owners.TryGetValue(key, out var owner) || owner != device)
                continue;
            if (_sharers.Find(sharer => _keysOf[sharer]!.Contains(key)) is { } next)
                _owners[key] = next;
            else
                _owners.Remove(key);
        }
    }

    // If a remove and an add were both lost, later events may have given the owner another number.
    private bool StillHas(Device owner, UniqueKey key)
    {
        Collect(_its, owner, owner.Properties);
        // While the owner's move is undelivered, subscribers know its old name.
        if (owner.DeliveredPath is not null || _its.Contains(key))
            return true;
        Claim(owner, _its);
        return false;
    }

    private void Collect(List<UniqueKey> keys, Device device, PropertyBuffer properties) =>
        UniqueKey.Collect(keys, device, _buses.Contains(device.Subsystem), properties.Span);

    private void Claim(Device device, List<UniqueKey> keys)
    {
        FreeKeys(device);
        if (keys.Count == 0)
            return;
        UniqueKey[] claimed = [.. keys];
        _keysOf[device] = claimed;
        var shares = false;
        foreach (var key in claimed)
            shares |= !_owners.TryAdd(key, device);
        if (shares)
            _sharers.Add(device);
    }
}
