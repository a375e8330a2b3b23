using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>
/// Writes the devices that exist at the end of a recording as a umockdev description. The format has attributes, links and properties; a directory
/// exists only through its entries.
/// </summary>
/// <param name="world">The recording.</param>
/// <param name="wants">Selects devices by subsystem, devpath and properties.</param>
public sealed class UmockdevWriter(RecordedWorld world, Func<string, string, Func<string, string?>, bool> wants)
{
    private readonly StringBuilder _text = new();

    // Devices, and directories with entries.
    private readonly HashSet<string> _shown = new(StringComparer.Ordinal);

    /// <summary>The number of devices written.</summary>
    public int Devices { get; private set; }

    /// <summary>The number of attributes that were written empty, because their value is not known.</summary>
    public int Empty { get; private set; }

    /// <summary>The number of directories left out, because their entries are not known.</summary>
    public int Directories { get; private set; }

    /// <summary>Writes the description, parents before children.</summary>
    public string Write()
    {
        var now = world.EndUsec;
        var present = world.Devices.Where(device => device.FromUsec <= now && device.UntilUsec > now && device.Subsystem.Length > 0)
            .Order(Comparer<RecordedDevice>.Create((one, other) => DevPaths.CompareInTree(one.PathAt(now), other.PathAt(now)))).ToList();
        var wanted = present.Where(device => wants(device.Subsystem, device.PathAt(now), key => Rules.UeventFile.Find(device.FileAt(now), key))).Select(device => device.PathAt(now)).ToList();
        var above = wanted.SelectMany(Above).ToHashSet(StringComparer.Ordinal);
        above.UnionWith(wanted);
        foreach (var device in present)
            _shown.UnionWith(Above(device.PathAt(now)).Append(device.PathAt(now)));
        foreach (var device in present.Where(device => above.Contains(device.PathAt(now))))
            Write(device, now);
        return _text.ToString();
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var above = DevPaths.Above(path); above is not null; above = DevPaths.Above(above))
            yield return above;
    }

    private void Write(RecordedDevice device, long now)
    {
        var path = device.PathAt(now);
        if (!DescribedTree.IsDevPath(path) || path.Contains('\n', StringComparison.Ordinal))
            return;
        Devices++;
        Line('P', path);
        var properties = (device.FileAt(now) ?? "").Split('\n').Where(line => line.IndexOf('=') > 0 && !line.StartsWith("SUBSYSTEM=", StringComparison.Ordinal)).Append("SUBSYSTEM=" + device.Subsystem).Order(StringComparer.Ordinal).ToList();
        if (properties.Find(line => line.StartsWith("DEVNAME=", StringComparison.Ordinal)) is { } node)
            Line('N', node["DEVNAME=".Length..]);
        foreach (var property in properties)
            Line('E', property);
        var names = device.Names.Keys.Select(name => (Name: name, Stay: device.At(name, now))).Where(one => one.Stay is not null && IsOurs(one.Name, path, now)).OrderBy(one => one.Name, StringComparer.Ordinal).ToList();
        foreach (var (name, stay) in names)
        {
            if (stay!.Kind != RecordedKind.Folder)
                _shown.UnionWith(Above($"{path}/{name}"));
        }
        foreach (var (name, stay) in names)
        {
            if (stay!.Kind == RecordedKind.Attribute)
                Attribute(name, device.ValueAt(name, now));
            else if (stay is { Kind: RecordedKind.Link, Target: { Length: > 0 } target } && target[0] == '/')
                Line('L', $"{name}={Relative($"{path}/{name}", target)}");
            else if (stay.Kind == RecordedKind.Folder && !_shown.Contains($"{path}/{name}"))
                Directories++;
        }
        _text.Append('\n');
    }

    // Excludes names that the description has in another form, that a line cannot hold, or that belong to another device.
    private bool IsOurs(string name, string path, long now)
    {
        if (name is "uevent" or "subsystem" || name.AsSpan().IndexOfAny('=', '\n') >= 0)
            return false;
        for (var slash = name.LastIndexOf('/'); slash > 0; slash = name.LastIndexOf('/', slash - 1))
        {
            if (world.Find($"{path}/{name[..slash]}", now) is not null)
                return false;
        }
        return true;
    }

    private void Attribute(string name, RecordedValue? value)
    {
        if (value is not { Value: { } text })
        {
            Empty++;
            Line('A', name + "=");
            return;
        }
        // The kernel ends each value with a line feed; recordings have them without.
        Line('A', $"{name}={Escaped(text.Length == 0 ? "" : text + "\n")}");
    }

    private void Line(char letter, string value) => _text.Append(letter).Append(": ").Append(value).Append('\n');

    // As g_strescape() does.
    private static string Escaped(string text)
    {
        var result = new StringBuilder(text.Length + 2);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            _ = one switch
            {
                (byte)'\n' => result.Append("\\n"),
                (byte)'\t' => result.Append("\\t"),
                (byte)'\r' => result.Append("\\r"),
                (byte)'\\' => result.Append("\\\\"),
                (byte)'"' => result.Append("\\\""),
                < 32 or > 126 => result.Append('\\').Append(Convert.ToString(one, 8).PadLeft(3, '0')),
                _ => result.Append((char)one),
            };
        }
        return result.ToString();
    }

    private static string Relative(string from, string to)
    {
        var (a, b) = (from.Split('/')[..^1], to.Split('/'));
        var same = 0;
        while (same < Math.Min(a.Length, b.Length) && a[same] == b[same])
            same++;
        var text = string.Concat(Enumerable.Repeat("../", a.Length - same)) + string.Join('/', b[same..]);
        return text.Length == 0 ? "." : text.TrimEnd('/');
    }
}
