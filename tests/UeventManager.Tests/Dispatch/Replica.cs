using System.Text.Json;
using UeventManager.Core.Dispatch;

namespace UeventManager.Tests.Dispatch;

/// <summary>
/// What somebody knows who applies every reply of a subscription, and nothing else. Independent of the client library on purpose, so that the two
/// cannot be wrong together. What no subscriber may be told it does not take.
/// </summary>
internal sealed class Replica
{
    private readonly SortedDictionary<string, KnownDevice> _devices = new(StringComparer.Ordinal);
    private readonly bool _hearsAll;

    /// <param name="filter">The filter of the subscription.</param>
    public Replica(DeviceFilter? filter)
    {
        Filter = filter;
        _hearsAll = filter?.Actions is null;
    }

    public DeviceFilter? Filter { get; }

    /// <summary>Where a subscription goes on from here.</summary>
    public string? Cursor { get; private set; }

    public int Gaps { get; private set; }

    /// <summary>False before the first state, and between a gap and the state that follows it.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Events that it took, by what they made of a device.</summary>
    public Dictionary<string, int> Events { get; } = [];

    public IReadOnlyDictionary<string, KnownDevice> Devices => _devices;

    /// <summary>Takes everything that waits.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Read(SubscriberStream stream)
    {
        foreach (var reply in StreamWorld.Read(stream))
        {
            if (Apply(reply) is { } wrong)
                return wrong;
        }
        return null;
    }

    /// <summary>What differs from what <c>List</c> says with the same filter, or null.</summary>
    public string? DifferenceTo(Publisher publisher)
    {
        var listed = Listed(publisher, Filter);
        foreach (var (path, device) in listed)
        {
            if (!_devices.TryGetValue(path, out var known))
                return $"List has {path}, of which it was not told";
            if (known.Parent != device.Parent)
                return $"{path} has the parent {known.Parent ?? "none"} for it, and in List {device.Parent ?? "none"}";
            if (_hearsAll && known.Rest != device.Rest)
                return $"{path} is for it\n{known.Rest}, and in List\n{device.Rest}";
        }
        return _devices.Keys.FirstOrDefault(path => !listed.ContainsKey(path)) is { } surplus ? $"it was told of {surplus}, which List has not" : null;
    }

    private static SortedDictionary<string, KnownDevice> Listed(Publisher publisher, DeviceFilter? filter)
    {
        var listed = new SortedDictionary<string, KnownDevice>(StringComparer.Ordinal);
        var walk = publisher.Walk(filter, unsettled: false);
        var pages = DevicePages.OfList(walk);
        var page = new ByteBuffer();
        while (!walk.IsAtEnd)
        {
            page.Clear();
            if (pages.Next(page) == PagePiece.Nothing)
                continue;
            using var parameters = JsonDocument.Parse(page.Written.ToArray());
            foreach (var device in parameters.RootElement.GetProperty("devices").EnumerateArray())
                listed.Add(device.GetProperty("devpath").GetString()!, KnownDevice.Of(device));
        }
        publisher.EndWalk(walk);
        return listed;
    }

    private string? Apply(JsonElement reply)
    {
        if (reply.TryGetProperty("gap", out _))
        {
            Gaps++;
            IsWhole = false;
            _devices.Clear();
        }
        if (reply.TryGetProperty("state", out var state))
        {
            foreach (var device in state.EnumerateArray())
            {
                if (!_devices.TryAdd(device.GetProperty("devpath").GetString()!, KnownDevice.Of(device)))
                    return $"the state has {device.GetProperty("devpath")} twice";
            }
        }
        IsWhole |= reply.TryGetProperty("ready", out _);
        if (reply.TryGetProperty("cursor", out var cursor))
            Cursor = cursor.GetString();
        if (!reply.TryGetProperty("events", out var events))
            return null;
        foreach (var one in events.EnumerateArray())
        {
            if (ApplyEvent(one) is { } wrong)
                return $"{wrong}: {one.GetRawText()}";
            Cursor = one.GetProperty("cursor").GetString();
        }
        return null;
    }

    private string? ApplyEvent(JsonElement one)
    {
        var device = one.GetProperty("device");
        if (device.TryGetProperty("kobject", out _))
            return null;
        if (!IsWhole)
            return "before the state";
        var action = one.GetProperty("action").GetString()!;
        var path = device.GetProperty("devpath").GetString()!;
        var old = one.TryGetProperty("oldDevpath", out var was) ? was.GetString()! : null;
        Events[action] = Events.GetValueOrDefault(action) + 1;
        var isKnown = _devices.ContainsKey(old ?? path);
        if (_hearsAll && isKnown == (action == "add"))
            return isKnown ? $"an add of {path}, which it knows" : $"a {action} of {old ?? path}, of which it was not told";
        if (_hearsAll && old is not null && old != path && _devices.ContainsKey(path))
            return $"{old} moves to {path}, where it knows another";
        if (action == "remove")
        {
            _devices.Remove(path);
            return null;
        }
        if (old is not null && old != path)
            Rekey(old, path);
        _devices[path] = KnownDevice.Of(device);
        return null;
    }

    private void Rekey(string old, string path)
    {
        foreach (var below in _devices.Keys.Where(p => p.StartsWith(old + "/", StringComparison.Ordinal)).ToList())
        {
            _devices.Remove(below, out var device);
            _devices[path + below[old.Length..]] = device! with { Parent = device.Parent is { } p && (p == old || p.StartsWith(old + "/", StringComparison.Ordinal)) ? path + p[old.Length..] : device.Parent };
        }
        _devices.Remove(old);
    }
}

/// <summary>A device as it was told.</summary>
/// <param name="Parent">What it says of its parent.</param>
/// <param name="Rest">Everything else, but where it is: that follows from a move above it.</param>
internal sealed record KnownDevice(string? Parent, string Rest)
{
    public static KnownDevice Of(JsonElement device)
    {
        var rest = new List<string>();
        foreach (var member in device.EnumerateObject())
        {
            if (member.Name == "properties")
                rest.Add($"properties {string.Join(' ', member.Value.EnumerateObject().Where(p => p.Name is not ("ACTION" or "DEVPATH")).Select(p => $"{p.Name}={p.Value}"))}");
            else if (member.Name is not ("devpath" or "parent"))
                rest.Add($"{member.Name} {member.Value.GetRawText()}");
        }
        return new KnownDevice(device.TryGetProperty("parent", out var parent) ? parent.GetString() : null, string.Join("; ", rest));
    }
}
