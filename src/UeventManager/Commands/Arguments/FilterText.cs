using System.Text;
using UeventManager.Client;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// A filter as a person writes it: <c>subsystem=pci,sysname=0000:3b:*,DRIVER=vfio-pci</c>. A key that is given again adds an
/// alternative; a key in capitals is a property. Values are globs; one with a comma is quoted, or the comma has a backslash.
/// </summary>
internal static class FilterText
{
    /// <summary>The keys that are no property's names.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["subsystem", "devtype", "devpath", "sysname", "driver"];

    /// <summary>The key that selects events and not devices.</summary>
    public const string ActionKey = "action";

    private const string Known = "subsystem, devtype, devpath, sysname, driver, or a property in capitals";
    private const string KnownOfEvents = "subsystem, devtype, devpath, sysname, driver, action, or a property in capitals";

    /// <summary>Reads a filter.</summary>
    /// <param name="text">The text.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="ofEvents">True where events are selected, and so actions.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out DeviceFilter filter, bool ofEvents = false)
    {
        string[] keys = ofEvents ? [.. Keys, ActionKey] : [.. Keys];
        string known = ofEvents ? KnownOfEvents : Known;
        ArgumentNullException.ThrowIfNull(text);
        filter = new DeviceFilter();
        var lists = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in Parts(text))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == part.Length - 1)
                return $"'{part}' is not KEY=GLOB";
            (string key, string value) = (part[..equals], part[(equals + 1)..]);
            if (!Glob.TryParse(value, out _, out string? error))
                return $"'{value}' is no pattern: {error}";
            if (key == "driver" || key.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'))
                properties[key == "driver" ? "DRIVER" : key] = value;
            else if (key == ActionKey && ofEvents && !UeventActions.All.Append("gap").Any(Glob.Parse(value).Matches))
                return $"'{value}' is no action ({Choice.Hint(value, UeventActions.All)})";
            else if (keys.Contains(key))
                (lists.TryGetValue(key, out List<string>? list) ? list : lists[key] = []).Add(value);
            else
                return $"'{key}' is no key of a filter ({(Nearest.To(key, keys) is { } near ? $"did you mean '{near}'?" : $"write {known}")})";
        }
        filter = new DeviceFilter
        {
            Subsystems = lists.GetValueOrDefault("subsystem"),
            Devtypes = lists.GetValueOrDefault("devtype"),
            Devpaths = lists.GetValueOrDefault("devpath"),
            Sysnames = lists.GetValueOrDefault("sysname"),
            Actions = lists.GetValueOrDefault(ActionKey),
            Properties = properties.Count == 0 ? null : properties,
        };
        return lists.Count + properties.Count == 0 ? $"'{text}' is no filter (write KEY=GLOB,…: {known})" : null;
    }

    // At commas that are neither quoted nor behind a backslash; before anything else a backslash is the pattern's own.
    private static List<string> Parts(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        char quote = '\0';
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && quote == '\0'))
            {
                if (part.Length > 0)
                    parts.Add(part.ToString());
                part.Clear();
            }
            else if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ',' or '"' or '\'')
                part.Append(text[++i]);
            else if (text[i] == quote)
                quote = '\0';
            else if (quote == '\0' && text[i] is '"' or '\'')
                quote = text[i];
            else
                part.Append(text[i]);
        }
        return parts;
    }
}
