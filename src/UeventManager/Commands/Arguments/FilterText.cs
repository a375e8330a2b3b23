using UeventManager.Client;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// A filter as a person writes it: <c>subsystem=pci,sysname=0000:3b:*,DRIVER=vfio-pci</c>. A key that is given again adds an
/// alternative; a key in capitals is a property. Values are globs.
/// </summary>
internal static class FilterText
{
    /// <summary>The keys that are no property's names.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["subsystem", "devtype", "devpath", "sysname", "driver"];

    private const string Known = "subsystem, devtype, devpath, sysname, driver, or a property in capitals";

    /// <summary>Reads a filter.</summary>
    /// <param name="text">The text.</param>
    /// <param name="filter">The filter.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out DeviceFilter filter)
    {
        ArgumentNullException.ThrowIfNull(text);
        filter = new DeviceFilter();
        var lists = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == part.Length - 1)
                return $"'{part}' is not KEY=GLOB";
            (string key, string value) = (part[..equals], part[(equals + 1)..]);
            if (!Glob.TryParse(value, out _, out string? error))
                return $"'{value}' is no pattern: {error}";
            if (key == "driver" || key.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'))
                properties[key == "driver" ? "DRIVER" : key] = value;
            else if (key is "subsystem" or "devtype" or "devpath" or "sysname")
                (lists.TryGetValue(key, out List<string>? list) ? list : lists[key] = []).Add(value);
            else
                return $"'{key}' is no key of a filter ({(Nearest.To(key, Keys) is { } near ? $"did you mean '{near}'?" : $"write {Known}")})";
        }
        filter = new DeviceFilter
        {
            Subsystems = lists.GetValueOrDefault("subsystem"),
            Devtypes = lists.GetValueOrDefault("devtype"),
            Devpaths = lists.GetValueOrDefault("devpath"),
            Sysnames = lists.GetValueOrDefault("sysname"),
            Properties = properties.Count == 0 ? null : properties,
        };
        return lists.Count + properties.Count == 0 ? $"'{text}' is no filter (write KEY=GLOB,…: {Known})" : null;
    }
}
