using System.Globalization;
using System.Text;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// A device and those above it with all their attributes, in the form in which a rule's <c>match</c> takes them: the device's own, then
/// <c>parent</c> for those above.
/// </summary>
internal static class AttributeWalk
{
    // Of every device, and no value to match.
    private static readonly string[] Passed = ["uevent", "subsystem", "dev"];

    /// <summary>The lines.</summary>
    /// <param name="sysfs">Where sysfs is.</param>
    /// <param name="devpath">The device.</param>
    public static IEnumerable<string> Lines(string sysfs, string devpath)
    {
        bool isFirst = true;
        for (string path = devpath; path.Length > "/devices".Length; path = path[..path.LastIndexOf('/')])
        {
            string directory = sysfs.TrimEnd('/') + path;
            if (!File.Exists(directory + "/uevent") || NameOf(directory + "/subsystem") is not { } subsystem)
                continue;
            yield return $"# {Printable.Text(path)}";
            string driver = NameOf(directory + "/driver") is { } name ? $"driver: {Quoted(name)}" : "";
            if (isFirst)
            {
                yield return $"subsystem: {Quoted(subsystem)}";
                yield return "match:";
                yield return $"  sysname: {Quoted(path[(path.LastIndexOf('/') + 1)..])}";
                if (driver.Length > 0)
                    yield return "  " + driver;
            }
            else
            {
                yield return "match:";
                yield return "  parent:";
                yield return $"    subsystem: {Quoted(subsystem)}";
            }
            string indent = isFirst ? "  " : "    ";
            string[] attributes = [.. Attributes(directory).Select(one => $"{indent}  {Quoted(one.Name)}: {Quoted(one.Value)}")];
            if (attributes.Length > 0)
                yield return indent + "attribute:";
            foreach (string attribute in attributes)
                yield return attribute;
            yield return "";
            isFirst = false;
        }
    }

    private static IEnumerable<(string Name, string Value)> Attributes(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (!Passed.Contains(name) && new FileInfo(file).LinkTarget is null && AttributeFile.Read(file) is { } value)
                yield return (name, value);
        }
    }

    private static string? NameOf(string link) => new FileInfo(link).LinkTarget is { } target ? target[(target.LastIndexOf('/') + 1)..] : null;

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
