using System.Globalization;
using System.Text;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Verbs;

/// <summary>A device in sysfs, with all its text attributes.</summary>
/// <param name="DevPath">The devpath.</param>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Driver">The driver, or null.</param>
/// <param name="Attributes">The attributes by path relative to the device, in order.</param>
internal sealed record WalkedDevice(string DevPath, string Subsystem, string? Driver, IReadOnlyList<(string Name, string Value)> Attributes);

/// <summary>
/// Shows a device and its ancestors with all attributes, in the form of a rule's <c>match</c>: the device's own, then <c>parent</c> for ancestors.
/// </summary>
internal static class AttributeWalk
{
    private const int MaxDepth = 8;

    // Attributes of every device that are not useful in a match.
    private static readonly string[] Passed = ["uevent", "subsystem", "dev", "modalias", "resource"];

    /// <summary>Reads the devices, from the device upwards.</summary>
    /// <param name="sysfs">The root of sysfs.</param>
    /// <param name="devpath">The device.</param>
    public static IEnumerable<WalkedDevice> Read(string sysfs, string devpath)
    {
        for (string path = devpath; path.Length > "/devices".Length; path = path[..path.LastIndexOf('/')])
        {
            string directory = sysfs.TrimEnd('/') + path;
            if (File.Exists(directory + "/uevent") && NameOf(directory + "/subsystem") is { } subsystem)
                yield return new WalkedDevice(path, subsystem, NameOf(directory + "/driver"), [.. Attributes(directory, "", 0)]);
        }
    }

    /// <summary>Formats the devices as in a rule.</summary>
    public static IEnumerable<string> Lines(IEnumerable<WalkedDevice> devices)
    {
        bool isFirst = true;
        foreach (WalkedDevice device in devices)
        {
            string indent = isFirst ? "  " : "    ";
            yield return $"# {Printable.Text(device.DevPath)}";
            if (isFirst)
            {
                yield return "# As a condition of wait: {attribute: NAME, equals: VALUE}";
                yield return $"subsystem: {Quoted(device.Subsystem)}";
                yield return "match:";
                yield return $"  sysname: {Pattern(device.DevPath[(device.DevPath.LastIndexOf('/') + 1)..])}";
                if (device.Driver is { } driver)
                    yield return $"  driver: {Pattern(driver)}";
            }
            else
            {
                yield return "match:";
                yield return "  parent:";
                yield return $"    subsystem: {Quoted(device.Subsystem)}";
            }
            string[] attributes = [.. device.Attributes.Where(static one => Fits(one.Name, one.Value)).Select(one => $"{indent}  {Quoted(one.Name)}: {Pattern(one.Value)}")];
            if (attributes.Length > 0)
                yield return indent + "attribute:";
            foreach (string attribute in attributes)
                yield return attribute;
            yield return "";
            isFirst = false;
        }
    }

    // A directory without a uevent file belongs to the device; with one it is a device or another kobject.
    private static IEnumerable<(string Name, string Value)> Attributes(string directory, string prefix, int depth)
    {
        foreach (FileSystemInfo entry in Entries(directory))
        {
            if (entry.LinkTarget is not null || (depth == 0 && Passed.Contains(entry.Name)))
                continue;
            if (entry is DirectoryInfo && depth < MaxDepth && !File.Exists(entry.FullName + "/uevent"))
            {
                foreach ((string, string) below in Attributes(entry.FullName, $"{prefix}{entry.Name}/", depth + 1))
                    yield return below;
            }
            else if (entry is FileInfo && AttributeFile.Read(entry.FullName) is { } value)
                yield return (prefix + entry.Name, value);
        }
    }

    private static FileSystemInfo[] Entries(string directory)
    {
        try
        {
            return [.. new DirectoryInfo(directory).EnumerateFileSystemInfos().OrderBy(static entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? NameOf(string link) => new FileInfo(link).LinkTarget is { } target ? target[(target.LastIndexOf('/') + 1)..] : null;

    // A rule's pattern has a limited length and cannot be empty.
    private static bool Fits(string name, string value) => value.Trim().Length > 0 && Escaped(value).Length <= Glob.MaxLength && Printable.IsPlain(name);

    private static string Pattern(string text) => Quoted(Escaped(text));

    // A set with one character matches that character; a leading '!' would negate, so it is matched by '?'.
    private static string Escaped(string text)
    {
        string glob = text.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal);
        return glob.StartsWith('!') ? "?" + glob[1..] : glob;
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }
}
