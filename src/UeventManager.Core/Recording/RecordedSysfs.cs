using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>
/// Answers the questions of a look from a recording, as sysfs would have at that time. Answers that the recording cannot give are marked as
/// unrecorded.
/// </summary>
/// More steps than any path has components; ends circles of links.
public sealed class RecordedSysfs(RecordedWorld world)
{
    // More steps than any path has components, so that links in a circle end.
    private const int MaxSteps = 512;

    /// <summary>The most components of a recorded name.</summary>
    internal int Depth => world.Header.Depth;

    /// <summary>Answers a question.</summary>
    /// <param name="device">The device.</param>
    /// <param name="query">The question.</param>
    /// <param name="usec">The time of the look.</param>
    public Answer Ask(RecordedDevice device, SysfsQuery query, long usec) => query.Kind switch
    {
        QueryKind.Path => Path(device, query, usec),
        QueryKind.Names => Names(device, query.Path, usec),
        QueryKind.Links => Links(device, query.Path, usec),
        QueryKind.Fingerprint => Fingerprint(device, query.Globs, usec),
        QueryKind.Ancestor => Ancestor(device, query.OfAncestor!, usec),
        _ => Answer.Unrecorded,
    };

    /// <summary>
    /// When a value was first read, if that was after the time asked for; otherwise, or if it never was, <see cref="long.MaxValue"/>.
    /// </summary>
    public long ReadAfter(RecordedDevice device, SysfsQuery query, long usec)
    {
        if (query.Kind != QueryKind.Path || (query.Needs & QueryNeeds.Value) == 0 || query.Path == "uevent")
            return long.MaxValue;
        var place = Follow(device, query.Path, usec, followLast: true);
        return place is { Device: { } at, Stay: not null } && at.ValueAt(place.Name, usec) is { } value && value.AtUsec > usec ? value.AtUsec : long.MaxValue;
    }

    private Answer Path(RecordedDevice device, SysfsQuery query, long usec)
    {
        var place = Follow(device, query.Path, usec, followLast: true);
        if (place.IsUnknown)
            return Answer.Unrecorded;
        var target = (query.Needs & QueryNeeds.Link) == 0 ? null : LinkTarget(device, query.Path, usec);
        if (!place.Exists)
            return Answer.Absent with { LinkTarget = target };
        var answer = new Answer { Asked = true, Exists = true, LinkTarget = target };
        if ((query.Needs & QueryNeeds.Value) == 0)
            return answer;
        if (place is { Device: { } owner, Name: "uevent" } && owner.FileAt(usec) is { } file)
            return answer with { Value = file };
        if (place is { Stay.Kind: RecordedKind.Folder })
            return answer with { Errno = IsADirectory };
        return place is { Device: { } at, Stay: not null } && at.ValueAt(place.Name, usec) is { } value
            ? answer with { Value = value.Value, Errno = value.Errno }
            : Answer.Unrecorded;
    }

    private const int IsADirectory = 21; // EISDIR

    private string? LinkTarget(RecordedDevice device, string path, long usec)
    {
        var place = Follow(device, path, usec, followLast: false);
        return place.Stay is { Kind: RecordedKind.Link } link ? link.Target : null;
    }

    private Answer Names(RecordedDevice device, string glob, long usec)
    {
        var names = new RecordedGlob(this, device, usec).Run(glob);
        return names is null ? Answer.Unrecorded : new Answer { Asked = true, Exists = names.Count > 0, Count = names.Count };
    }

    private Answer Links(RecordedDevice device, string glob, long usec)
    {
        if (new RecordedGlob(this, device, usec).Run(glob) is not { } names)
            return Answer.Unrecorded;
        var targets = new List<string>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var target = LinkTarget(device, name, usec) ?? $"{device.PathAt(usec)}/{name}";
            if (world.Find(target, usec) is not null)
                targets.Add(target);
        }
        return new Answer { Asked = true, Exists = targets.Count > 0, Targets = targets };
    }

    // The names, and the values of attributes: a text that changes whenever one of them does.
    private Answer Fingerprint(RecordedDevice device, IReadOnlyList<string> globs, long usec)
    {
        var all = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var glob in globs)
        {
            if (new RecordedGlob(this, device, usec).Run(glob) is not { } names)
                return Answer.Unrecorded;
            all.UnionWith(names);
        }
        var text = new System.Text.StringBuilder();
        foreach (var name in all)
        {
            var place = Follow(device, name, usec, followLast: true);
            if (place.Stay is { Kind: RecordedKind.Attribute })
            {
                if (place.Device!.ValueAt(place.Name, usec) is not { } value || value.AtUsec > usec)
                    return Answer.Unrecorded;
                text.Append(value.Value ?? $"errno {value.Errno}").Append('\0');
            }
            text.Append(name).Append('\n');
        }
        return new Answer { Asked = true, Exists = all.Count > 0, Count = all.Count, Value = text.ToString() };
    }

    private Answer Ancestor(RecordedDevice device, AncestorQuery query, long usec)
    {
        for (var path = DevPaths.Above(device.PathAt(usec)); path is not null; path = DevPaths.Above(path))
        {
            if (world.Find(path, usec) is not { } above || (query.Subsystem is { } wanted && !wanted.Matches(above.Subsystem)))
                continue;
            var file = above.FileAt(usec);
            if (!query.Fits(above.Subsystem, file))
                continue;
            var facts = new LookFacts { DevPath = path, SysName = path[(path.LastIndexOf('/') + 1)..], File = file };
            facts.Reset(query.Table.Count);
            foreach (var one in query.Table.Queries)
            {
                var answer = Ask(above, one, usec);
                if (answer.IsUnrecorded)
                    return answer;
                facts.Put(one.Slot, answer);
            }
            return new Answer { Asked = true, Exists = true, LinkTarget = path, Ancestor = facts };
        }
        return Answer.Absent;
    }

    /// <summary>Follows a path below a device through what was recorded.</summary>
    internal RecordedPlace Follow(RecordedDevice device, string path, long usec, bool followLast)
    {
        // A child's own uevent proves that the child exists, perhaps before a look has seen its name.
        if (world.Find($"{device.PathAt(usec)}/{path}", usec) is { } child)
            return new RecordedPlace(child, "", device.At(path, usec), child.PathAt(usec));
        var rest = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var at = new RecordedPlace(device, "", null, device.PathAt(usec));
        for (var steps = 0; rest.TryPop(out var component); steps++)
        {
            if (steps >= MaxSteps)
                return RecordedPlace.Nowhere;
            if (component == ".")
                continue;
            var next = component == ".." ? Up(at, usec) : Down(at, component, usec);
            if (next.IsUnknown || !next.Exists)
                return next;
            if (next.Stay is { Kind: RecordedKind.Link, Target: { } target } && (followLast || rest.Count > 0))
                next = At(target, usec);
            if (next.IsUnknown || !next.Exists)
                return next;
            at = next;
        }
        return at;
    }

    private RecordedPlace Down(in RecordedPlace place, string component, long usec)
    {
        var path = $"{place.Path}/{component}";
        if (place.Device is not { } device)
            return world.Find(path, usec) is { } found ? new RecordedPlace(found, "", null, path) : RecordedPlace.Unknown;
        var name = place.Name.Length == 0 ? component : $"{place.Name}/{component}";
        if (world.Find(path, usec) is { } child)
            return new RecordedPlace(child, "", device.At(name, usec), path);
        if (device.At(name, usec) is { } stay)
            return new RecordedPlace(device, name, stay, path);
        // Nothing is known about devices that were not recorded, nor below the recorded depth.
        return place.Stay is { Kind: RecordedKind.Attribute } || DepthOf(place.Name) < world.Header.Depth ? RecordedPlace.Nowhere : RecordedPlace.Unknown;
    }

    private RecordedPlace Up(in RecordedPlace place, long usec) =>
        place.Path.LastIndexOf('/') is > 0 and var slash ? At(place.Path[..slash], usec) : RecordedPlace.Unknown;

    // The place of an absolute path: a device, or an entry below one.
    private RecordedPlace At(string path, long usec)
    {
        for (var devPath = path; devPath is not null; devPath = DevPaths.Above(devPath))
        {
            if (world.Find(devPath, usec) is not { } device)
                continue;
            if (devPath.Length == path.Length)
                return new RecordedPlace(device, "", null, path);
            var name = path[(devPath.Length + 1)..];
            return device.At(name, usec) is { } stay ? new RecordedPlace(device, name, stay, path)
                : DepthOf(name) <= world.Header.Depth ? new RecordedPlace(null, "", null, path) : RecordedPlace.Unknown;
        }
        // A link to a driver or a class leads out of the recording, but its target exists: sysfs has no dangling links.
        return new RecordedPlace(null, "", null, path);
    }

    private static int DepthOf(string name) => name.Length == 0 ? 0 : name.Count(c => c == '/') + 1;
}

/// <summary>The place to which a path leads.</summary>
/// <param name="Device">Its device; null if it belongs to no recorded device.</param>
/// <param name="Name">Its path relative to the device; empty for the device itself.</param>
/// <param name="Stay">The recorded entry; null for the device itself.</param>
/// <param name="Path">Its path below the sysfs root.</param>
internal readonly record struct RecordedPlace(RecordedDevice? Device, string Name, RecordedStay? Stay, string Path)
{
    public static RecordedPlace Unknown => new(null, "", null, "?");

    public static RecordedPlace Nowhere => new(null, "", null, "");

    public bool IsUnknown => Path == "?";

    public bool Exists => Path.Length > 0;
}
