using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Conflicts;

/// <summary>
/// Two devices cannot have one name on a bus, one device number, one ifindex or one node: which announced device has which of them. What is handed over is
/// the devices' own; their keys follow from their properties.
/// </summary>
internal sealed class KeyOwners
{
    private readonly Dictionary<UniqueKey, Device> _owners = [];
    private readonly DeviceColumn<UniqueKey[]> _keysOf = new();
    private readonly HashSet<string> _buses = new(StringComparer.Ordinal);
    private readonly List<UniqueKey> _keys = [];
    private readonly List<UniqueKey> _its = [];

    // Announced with a key that another has already: a conflict that lasted too long. Nearly always none.
    private readonly List<Device> _sharers = [];

    /// <summary>A subsystem is a bus: two of its devices cannot have one name.</summary>
    public void AddBus(string subsystem) => _buses.Add(subsystem);

    /// <summary>Whether a subsystem is a bus.</summary>
    public bool IsBus(string subsystem) => _buses.Contains(subsystem);

    /// <summary>The announced device that has something which another device needs for itself, or null.</summary>
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

    /// <summary>As subscribers know a device: from its announcement on, and under its new name once its move is delivered.</summary>
    public void ClaimKeys(Device device)
    {
        Collect(_keys, device, device.Properties);
        Claim(device, _keys);
    }

    /// <summary>A device goes, or has other keys.</summary>
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

    // Where its remove and its add were both lost, what was told of it since may say that it has another number now.
    private bool StillHas(Device owner, UniqueKey key)
    {
        Collect(_its, owner, owner.Properties);
        // Whose move is not delivered has its old name for subscribers.
        if (owner.ToldPath is not null || _its.Contains(key))
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
