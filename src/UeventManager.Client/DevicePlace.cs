using System.Text;
using System.Text.Unicode;

namespace UeventManager.Client;

/// <summary>Places of devices in the tree, and the effect of an ancestor's move: the kernel reports only the device that moves.</summary>
internal static class DevicePlace
{
    /// <summary>The device after an ancestor's move, with its own new path and its parent's.</summary>
    /// <param name="device">The device.</param>
    /// <param name="old">The ancestor's old devpath.</param>
    /// <param name="rawOld">Its bytes in base64 if they are not valid UTF-8; else null.</param>
    /// <param name="now">The ancestor's new devpath.</param>
    /// <param name="rawNow">Its bytes, in the same way.</param>
    /// <returns>The device with <paramref name="now"/> instead of <paramref name="old"/> at the beginning of its paths.</returns>
    public static UeventDevice Rebased(this UeventDevice device, string old, string? rawOld, string now, string? rawNow)
    {
        string path = Rebase(device.DevPath, old, now);
        IReadOnlyDictionary<string, string> properties = device.Properties;
        if (properties.ContainsKey("DEVPATH"))
            properties = new Dictionary<string, string>(properties, StringComparer.Ordinal) { ["DEVPATH"] = path };
        return device with
        {
            DevPath = path,
            RawDevPath = Rebase(BytesOf(device.DevPath, device.RawDevPath), BytesOf(old, rawOld), BytesOf(now, rawNow)),
            Parent = device.Parent is { } parent ? Rebase(parent, old, now) : null,
            Properties = properties,
        };
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

    private static byte[] BytesOf(string path, string? raw) => raw is null ? Encoding.UTF8.GetBytes(path) : Convert.FromBase64String(raw);

    // Null if the result is a text.
    private static string? Rebase(byte[] path, byte[] old, byte[] now)
    {
        if (path.AsSpan().StartsWith(old))
            path = [.. now, .. path.AsSpan(old.Length)];
        return Utf8.IsValid(path) ? null : Convert.ToBase64String(path);
    }

    private static string Rebase(string path, string old, string now) => path == old || IsBelow(path, old) ? now + path[old.Length..] : path;
}
