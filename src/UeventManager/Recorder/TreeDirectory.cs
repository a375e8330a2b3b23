using System.Text;
using UeventManager.Core.Recording;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>Writes described devices as a tree of files: <c>sys</c>, and <c>run/udev/data</c> for udev's database.</summary>
internal static class TreeDirectory
{
    /// <summary>The place of sysfs in the tree.</summary>
    public const string Sysfs = "sys";

    /// <summary>The place of udev's database in the tree.</summary>
    public const string UdevData = "run/udev/data";

    /// <summary>Writes the tree into a directory that is empty or does not exist yet.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Make(string root, DescribedTree tree, IReadOnlyList<DescribedDevice> devices, CancellationToken cancel)
    {
        if (File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any()))
            throw new IOException($"{root}: it exists already (name a new or empty directory)");
        try
        {
            Directory.CreateDirectory(Path.Combine(root, Sysfs));
            foreach (var (path, content, target) in tree.Entries)
            {
                cancel.ThrowIfCancellationRequested();
                var place = Path.Combine(root, Sysfs, path);
                if (target is not null)
                    File.CreateSymbolicLink(place, target);
                else if (content is null)
                    Directory.CreateDirectory(place);
                else
                    Write(place, content);
            }
            Directory.CreateDirectory(Path.Combine(root, UdevData));
            foreach (var device in devices)
            {
                cancel.ThrowIfCancellationRequested();
                if (Entry(device) is { Length: > 0 } entry && IdOf(device) is { } id && !File.Exists(Path.Combine(root, UdevData, id)))
                    Write(Path.Combine(root, UdevData, id), Encoding.UTF8.GetBytes(entry));
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{root}: permission denied (name a directory that you may create)", e);
        }
    }

    private static void Write(string path, byte[] content)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(content);
    }

    private static string? IdOf(DescribedDevice device)
    {
        if (device.Subsystem is not { Length: > 0 } subsystem)
            return null;
        var id = UdevDatabase.IdOf(new DeviceIdentity(device.DevPath, subsystem, null, device.Property("MAJOR"), device.Property("MINOR"), device.Property("IFINDEX")));
        return id.Length is > 0 and <= 255 && !id.Contains('/', StringComparison.Ordinal) && !id.Contains('\0', StringComparison.Ordinal) ? id : null;
    }

    // In udev's order: links, properties, tags.
    private static string Entry(DescribedDevice device)
    {
        var text = new StringBuilder();
        foreach (var link in device.NodeLinks)
            text.Append("S:").Append(link).Append('\n');
        foreach (var (key, value) in device.Properties)
        {
            if (key == "USEC_INITIALIZED")
                text.Append("I:").Append(value).Append('\n');
            else if (key is "TAGS" or "CURRENT_TAGS")
                text.AppendJoin("", value.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(tag => $"{(key == "TAGS" ? 'G' : 'Q')}:{tag}\n"));
            else if (key != "DEVLINKS" && DescribedDevice.IsOfUdev(key))
                text.Append("E:").Append(key).Append('=').Append(value).Append('\n');
        }
        return text.ToString();
    }
}
