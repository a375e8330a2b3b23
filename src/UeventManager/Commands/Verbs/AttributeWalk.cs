using System.Globalization;
using System.Text;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Verbs;

/// <summary>A device as sysfs shows it, with all its attributes that are text.</summary>
/// <param name="DevPath">Where it is.</param>
/// <param name="Subsystem">Its subsystem.</param>
/// <param name="Driver">Its driver, or null.</param>
/// <param name="Attributes">Its attributes by their path relative to it, in order.</param>
internal sealed record WalkedDevice(string DevPath, string Subsystem, string? Driver, IReadOnlyList<(string Name, string Value)> Attributes);

/// <summary>
/// A device and those above it with all their attributes, and the form in which a rule's <c>match</c> takes them: the device's own, then
/// <c>parent</c> for those above.
/// </summary>
internal static class AttributeWalk
{
    private const int MaxDepth = 8;

    // Of every device, and no value to match.
    private static readonly string[] Passed = ["uevent", "subsystem", "dev", "modalias", "resource"];

    /// <summary>Reads them, the device first.</summary>
    /// <param name="sysfs">Where sysfs is.</param>
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

    /// <summary>Lays them out as a rule takes them.</summary>
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

    // What is below a directory without a uevent file is the device's own; with one it is a device or another kobject.
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

    // A rule's pattern has a limit, and says nothing where there is nothing.
    private static bool Fits(string name, string value) => value.Trim().Length > 0 && Escaped(value).Length <= Glob.MaxLength && Printable.IsPlain(name);

    private static string Pattern(string text) => Quoted(Escaped(text));

    // A set of one character is that character; one that negates cannot be in the first place, and any character stands for it.
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
