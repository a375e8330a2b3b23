using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>All known devices by devpath, and the directories between them.</summary>
public sealed partial class DeviceTree
{
    private readonly PathMap _nodes = new();
    private readonly Stack<int> _freeIndexes = [];
    private readonly DeviceNode _root = new([], null);
    private readonly int[] _counts = new int[Enum.GetValues<DeviceState>().Length];
    private WeakReference<Device[]>? _snapshot;
    private long _snapshotOf;
    private Device?[] _byIndex = new Device?[64];
    private int _nextIndex;

    /// <summary>Number of devices.</summary>
    public int Count { get; private set; }

    /// <summary>The number of devices in a state.</summary>
    public int CountOf(DeviceState state) => _counts[(int)state];

    /// <summary>
    /// Called before a change of anything that subscribers see of a device (state, announced properties, path, parent), and before its removal. Null
    /// unless a client reads devices in pieces.
    /// </summary>
    internal Action<Device>? Changing { get; set; }

    /// <summary>The greatest <see cref="Device.Id"/> so far: a device with a greater id came later.</summary>
    internal long LastId { get; private set; }

    // Changes whenever the ancestors of a device may have changed.
    internal long PlacesVersion { get; private set; }

    /// <summary>The most moves that are recorded.</summary>
    internal const int MaxMoves = 1024;

    /// <summary>
    /// The recorded moves with old and new path, in order, also of directories that only lead to devices; at most <see cref="MaxMoves"/>. A reader
    /// sets and empties this list, because no event reports the move of a waiting device; null if there is no reader.
    /// </summary>
    internal List<(string OldPath, string NewPath)>? Moves { get; set; }

    /// <summary>Grows whenever a device is added, removed or moved.</summary>
    public long Version { get; private set; }

    /// <summary>
    /// All devices at this moment, in the order of <see cref="All"/>; callers must not change the array. Clients that read devices in pieces share
    /// it: it is made anew only after the tree has changed.
    /// </summary>
    public Device[] Snapshot()
    {
        if (_snapshotOf == Version && _snapshot?.TryGetTarget(out var known) is true)
            return known;
        var made = new Device[Count];
        var at = 0;
        foreach (var device in All())
            made[at++] = device;
        (_snapshot, _snapshotOf) = (new WeakReference<Device[]>(made), Version);
        return made;
    }

    /// <summary>The device with an id, if it still exists.</summary>
    /// <param name="index">Its <see cref="Device.Index"/>.</param>
    /// <param name="id">Its <see cref="Device.Id"/>.</param>
    internal Device? Find(int index, long id) => index < _byIndex.Length && _byIndex[index] is { } device && device.Id == id ? device : null;

    /// <summary>The device at a devpath, or null.</summary>
    public Device? Find(ReadOnlySpan<byte> path) => _nodes.Find(path)?.Device;

    /// <summary>The node of a directory, or null if no known device is there or below.</summary>
    internal DeviceNode? NodeAt(ReadOnlySpan<byte> path) => _nodes.Find(path);

    /// <summary>The nearest known device strictly above a path, or null.</summary>
    public Device? FindAbove(ReadOnlySpan<byte> path)
    {
        for (var above = DevPaths.Parent(path); !above.IsEmpty; above = DevPaths.Parent(above))
        {
            if (_nodes.TryGet(above, out var node))
                return node.Device ?? node.ParentDevice;
        }
        return null;
    }

    /// <summary>All devices, parents before children, siblings in the order in which they became known.</summary>
    public IEnumerable<Device> All() => Below(_root);

    /// <summary>The device at a path, or if there is none those below it; parents before children.</summary>
    public IEnumerable<Device> At(ReadOnlySpan<byte> path) =>
        !_nodes.TryGet(path, out var node) ? [] : node.Device is { } device ? [device] : Below(node);

    /// <summary>A device's descendants, parents before children.</summary>
    public static IEnumerable<Device> Descendants(Device device) => Below(device.Node);

    /// <summary>The devices below a place, parents before children.</summary>
    internal static IEnumerable<Device> Descendants(DeviceNode node) => Below(node);

    /// <summary>A device's nearest descendants: those with no other device between.</summary>
    public static IEnumerable<Device> Children(Device device) => Children(device.Node);

    /// <summary>The nearest devices below a place.</summary>
    internal static IEnumerable<Device> Children(DeviceNode top)
    {
        for (var node = Step(top, top, true); node is not null;)
        {
            var found = node.Device;
            if (found is not null)
                yield return found;
            node = Step(node, top, found is null);
        }
    }

    /// <summary>The nearest announced devices below a place.</summary>
    internal static IEnumerable<Device> TopmostAnnounced(DeviceNode node)
    {
        foreach (var child in Children(node))
        {
            if (child.State == DeviceState.Announced)
                yield return child;
            else
                foreach (var below in TopmostAnnounced(child.Node))
                    yield return below;
        }
    }

    /// <summary>
    /// The devices below a device in removal order: the last announced first. A parent that was announced after its children, or moved above them, is
    /// still removed after them. A device that came after <paramref name="upTo"/> is left out.
    /// </summary>
    internal static List<Device> RemovalOrder(Device device, long upTo)
    {
        var below = Descendants(device).Where(one => one.PlacedOrder <= upTo).ToList();
        below.Reverse();
        var orders = new Dictionary<Device, long>(below.Count);
        foreach (var one in below)
        {
            var order = Math.Min(orders.GetValueOrDefault(one, long.MaxValue), one.AnnouncedOrder);
            orders[one] = order;
            if (one.Node.ParentDevice is { } parent)
                orders[parent] = Math.Min(orders.GetValueOrDefault(parent, long.MaxValue), order);
        }
        // The sort is stable, and children stand before their parents.
        return [.. below.OrderByDescending(one => orders[one])];
    }

    /// <summary>Adds a device at a free path.</summary>
    internal void Add(Device device, ReadOnlySpan<byte> path)
    {
        Version++;
        device.Node = MakeNode(path);
        PlacesVersion += device.Node.FirstChild is null ? 0 : 1;
        ChangingBelow(device.Node);
        device.Tree = this;
        LastId = Math.Max(LastId, device.Id);
        _counts[(int)device.State]++;
        device.Node.Device = device;
        device.Index = _givenIndexes is { } given ? given.Dequeue() : _freeIndexes.TryPop(out var index) ? index : _nextIndex++;
        if (device.Index >= _byIndex.Length)
            Array.Resize(ref _byIndex, Math.Max(device.Index + 1, 2 * _byIndex.Length));
        _byIndex[device.Index] = device;
        Count++;
    }

    /// <summary>
    /// Removes a device. Its node stays while it leads to other devices; these may move, so the removed device gets a node of its own that keeps its
    /// path.
    /// </summary>
    internal void Remove(Device device)
    {
        Version++;
        var node = device.Node;
        Changing?.Invoke(device);
        ChangingBelow(node);
        device.Tree = null;
        _counts[(int)device.State]--;
        node.Device = null;
        _freeIndexes.Push(device.Index);
        _byIndex[device.Index] = null;
        Count--;
        Prune(node);
        PlacesVersion += node.FirstChild is null ? 0 : 1;
        if (node.FirstChild is not null)
            device.Node = new DeviceNode(node.Path, node.Parent);
    }

    /// <summary>
    /// Moves a node and everything below it to a path without a device. Nodes already below that path stay, unless the moved node has one of the same
    /// name.
    /// </summary>
    internal void Move(DeviceNode node, ReadOnlySpan<byte> path)
    {
        Version++;
        PlacesVersion++;
        if (node.Device is { } moved)
            Changing?.Invoke(moved);
        ChangingBelow(node, all: true);
        if (Moves is { Count: < MaxMoves } moves)
            moves.Add((KernelText.Decode(node.Path), KernelText.Decode(path)));
        var above = node.Parent;
        node.Detach();
        var old = node.Path.Length;
        node.Attach(ParentNode(path));
        Rekey(node, path, old);
        if (above is not null)
            Prune(above);
    }

    /// <summary>Called before a device's state is set, perhaps to the same state.</summary>
    internal void StateChanges(Device device, DeviceState next)
    {
        Changing?.Invoke(device);
        _counts[(int)device.State]--;
        _counts[(int)next]++;
    }

    /// <summary>Called before the place that subscribers know of a device changes, and with it the places of its descendants.</summary>
    internal void DeliveredPathChanges(Device device)
    {
        Changing?.Invoke(device);
        ChangingBelow(device.Node, all: true);
    }

    // The nearest devices below a place get another parent; if the place itself moves, everything below moves too.
    private void ChangingBelow(DeviceNode node, bool all = false)
    {
        if (Changing is not { } changing)
            return;
        foreach (var device in all ? Below(node) : Children(node))
            changing(device);
    }

    private void Rekey(DeviceNode node, ReadOnlySpan<byte> prefix, int oldPrefix)
    {
        _nodes.Remove(node);
        node.Path = [.. prefix, .. node.Path.AsSpan(oldPrefix)];
        var former = _nodes.Find(node.Path);
        if (former is not null)
            _nodes.Remove(former);
        _nodes.Add(node);
        node.Device?.PathChanged();
        for (var child = node.FirstChild; child is not null; child = child.Next)
            Rekey(child, prefix, oldPrefix);
        if (former is null)
            return;
        while (former.FirstChild is { } below)
        {
            below.Detach();
            below.Attach(node);
        }
        former.Detach();
    }

    private DeviceNode MakeNode(ReadOnlySpan<byte> path)
    {
        if (_nodes.TryGet(path, out var node))
            return node;
        node = new DeviceNode(path.ToArray(), null);
        node.Attach(ParentNode(path));
        _nodes.Add(node);
        return node;
    }

    private DeviceNode ParentNode(ReadOnlySpan<byte> path)
    {
        var parent = DevPaths.Parent(path);
        return parent.IsEmpty ? _root : MakeNode(parent);
    }

    private void Prune(DeviceNode node)
    {
        while (node is { Device: null, FirstChild: null, Parent: { } parent })
        {
            _nodes.Remove(node);
            node.Detach();
            node = parent;
        }
    }

    private static IEnumerable<Device> Below(DeviceNode top)
    {
        for (var node = Step(top, top, true); node is not null; node = Step(node, top, true))
        {
            if (node.Device is { } device)
                yield return device;
        }
    }

    // Depth first without recursion, because the kernel chooses the depth.
    private static DeviceNode? Step(DeviceNode node, DeviceNode top, bool down)
    {
        if (down && node.FirstChild is { } child)
            return child;
        for (; node != top; node = node.Parent!)
        {
            if (node.Next is { } next)
                return next;
        }
        return null;
    }
}
