using UeventManager.Core.Rules;

namespace UeventManager.Core.Recording;

/// <summary>Finds the names below a recorded device that match a glob at a time.</summary>
/// <param name="sysfs">The recorded sysfs, which follows links.</param>
/// <param name="device">The device.</param>
/// <param name="usec">The time.</param>
internal sealed class RecordedGlob(RecordedSysfs sysfs, RecordedDevice device, long usec)
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private bool _isUnknown;

    /// <summary>Finds the names; null if the recording cannot tell all of them.</summary>
    public IReadOnlyCollection<string>? Run(string glob)
    {
        Step(glob.Split('/', StringSplitOptions.RemoveEmptyEntries), 0, "");
        return _isUnknown ? null : _found;
    }

    private void Step(string[] components, int index, string prefix)
    {
        if (_isUnknown)
            return;
        if (index == components.Length)
        {
            _found.Add(prefix);
            return;
        }
        var component = components[index];
        if (component.Contains("**", StringComparison.Ordinal))
        {
            Deep(Glob.Parse(string.Join('/', components[index..])), prefix);
            return;
        }
        if (component.IndexOfAny(['*', '?', '[']) < 0 && component[0] != '!')
        {
            var name = prefix.Length == 0 ? component : $"{prefix}/{component}";
            var place = sysfs.Follow(device, name, usec, followLast: false);
            _isUnknown |= place.IsUnknown;
            if (place is { IsUnknown: false, Exists: true })
                Step(components, index + 1, name);
            return;
        }
        var pattern = Glob.Parse(component);
        foreach (var name in Children(prefix))
        {
            if (pattern.Matches(name))
                Step(components, index + 1, prefix.Length == 0 ? name : $"{prefix}/{name}");
        }
    }

    // The children of a link are those of its target.
    private List<string> Children(string prefix)
    {
        var place = prefix.Length == 0 ? new RecordedPlace(device, "", null, "/") : sysfs.Follow(device, prefix, usec, followLast: true);
        if (place.IsUnknown || place is { Exists: true, Device: null } || (place.Name.Length > 0 && place.Name.Count(c => c == '/') + 1 >= sysfs.Depth))
        {
            _isUnknown |= place.Stay is not { Kind: RecordedKind.Attribute };
            return [];
        }
        return place.Device is { } at ? [.. at.ChildrenAt(place.Name, usec)] : [];
    }

    // No symlink is followed, and names below the recorded depth might match too.
    private void Deep(Glob pattern, string prefix)
    {
        var start = prefix.Length == 0 ? "" : prefix + "/";
        foreach (var (name, stays) in device.Names)
        {
            if (!name.StartsWith(start, StringComparison.Ordinal) || !stays.Exists(stay => stay.IsAt(usec)))
                continue;
            if (pattern.Matches(name.AsSpan(start.Length)))
                _found.Add(name);
            _isUnknown |= stays.Exists(stay => stay.IsAt(usec) && stay.Kind == RecordedKind.Folder) && name.Count(c => c == '/') + 1 >= sysfs.Depth;
        }
    }
}
