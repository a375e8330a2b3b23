using UeventManager.Client;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary>Formats devices as a tree: each below its nearest ancestor, with the rest of its path as the name.</summary>
internal static class DeviceTreeView
{
    /// <summary>The lines.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="top">The devpath of the only root; null for all.</param>
    /// <param name="palette">The colours.</param>
    public static IEnumerable<string> Lines(IEnumerable<UeventDevice> devices, string? top, Palette palette)
    {
        ArgumentNullException.ThrowIfNull(palette);
        var known = devices.ToDictionary(static device => device.DevPath, StringComparer.Ordinal);
        ILookup<string, UeventDevice> below = known.Values.OrderBy(static device => device.DevPath, StringComparer.Ordinal).ToLookup(device => ParentOf(device.DevPath, known) ?? "");
        IEnumerable<UeventDevice> roots = top is null ? below[""] : known.TryGetValue(top, out UeventDevice? only) ? [only] : [];
        return roots.SelectMany(root => Branch(root, root.DevPath, "", "", below, palette));
    }

    /// <summary>True if a device is another one or a descendant.</summary>
    public static bool IsWithin(string devpath, string top) => devpath == top || devpath.StartsWith(top + "/", StringComparison.Ordinal);

    private static IEnumerable<string> Branch(UeventDevice device, string name, string head, string indent, ILookup<string, UeventDevice> below, Palette palette)
    {
        yield return head + Text(device, name, palette);
        UeventDevice[] children = [.. below[device.DevPath]];
        for (int i = 0; i < children.Length; i++)
        {
            bool isLast = i == children.Length - 1;
            foreach (string line in Branch(children[i], children[i].DevPath[(device.DevPath.Length + 1)..], indent + (isLast ? "└─" : "├─"), indent + (isLast ? "  " : "│ "), below, palette))
                yield return line;
        }
    }

    private static string Text(UeventDevice device, string name, Palette palette)
    {
        var rest = new List<string> { device.DevType is { } type ? $"{device.Subsystem}/{type}" : device.Subsystem };
        if (device.Driver is { } driver)
            rest.Add($"driver={driver}");
        if (device.DevNode is { } node)
            rest.Add(node);
        string text = palette.Bold(Printable.Text(name)) + "  " + palette.Faint(Printable.Text(string.Join("  ", rest)));
        return device.Settled ? text : text + "  " + palette.Warn($"waits for {Printable.Text(string.Join(", ", device.Missing ?? []))}");
    }

    private static string? ParentOf(string devpath, Dictionary<string, UeventDevice> known)
    {
        for (int slash = devpath.LastIndexOf('/'); slash > 0; slash = devpath.LastIndexOf('/', slash - 1))
        {
            if (known.ContainsKey(devpath[..slash]))
                return devpath[..slash];
        }
        return null;
    }
}
