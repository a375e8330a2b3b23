namespace UeventManager.Client;

/// <summary>Where devices are in the tree, and where a move of one above puts them: the kernel reports only the device that moves.</summary>
internal static class DevicePlace
{
    /// <summary>The device below another place: its own path and its parent's.</summary>
    /// <param name="device">The device.</param>
    /// <param name="old">The devpath that what moved had.</param>
    /// <param name="now">The devpath that it has.</param>
    /// <returns>The device with paths that begin with <paramref name="now"/> where they began with <paramref name="old"/>.</returns>
    public static UeventDevice Rebased(this UeventDevice device, string old, string now)
    {
        string path = Rebase(device.DevPath, old, now);
        IReadOnlyDictionary<string, string> properties = device.Properties;
        if (properties.ContainsKey("DEVPATH"))
            properties = new Dictionary<string, string>(properties, StringComparer.Ordinal) { ["DEVPATH"] = path };
        return device with { DevPath = path, Parent = device.Parent is { } parent ? Rebase(parent, old, now) : null, Properties = properties };
    }

    /// <summary>True if a path is below another.</summary>
    public static bool IsBelow(string path, string above) =>
        path.Length > above.Length && path[above.Length] == '/' && path.StartsWith(above, StringComparison.Ordinal);

    /// <summary>The paths above a devpath, the nearest first.</summary>
    public static IEnumerable<string> Above(string path)
    {
        while (path.LastIndexOf('/') is var slash and > 0)
            yield return path = path[..slash];
    }

    private static string Rebase(string path, string old, string now) => path == old || IsBelow(path, old) ? now + path[old.Length..] : path;
}
