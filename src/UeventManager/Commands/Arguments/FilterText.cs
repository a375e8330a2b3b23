using System.Text;
using UeventManager.Client;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;
using ParentPattern = UeventManager.Core.Dispatch.ParentPattern;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// Parses a filter as a person writes it: <c>subsystem=pci,sysname=0000:3b:*,driver!=vfio-pci</c>. The values of one key are alternatives, but all
/// negated ones must hold; a key in capitals is a property. Values are globs; a value with a comma is quoted, or the comma has a backslash.
/// </summary>
internal static class FilterText
{
    /// <summary>Reads a filter.</summary>
    /// <param name="text">The text.</param>
    /// <param name="use">The kind of selection.</param>
    /// <param name="filter">The filter.</param>
    /// <returns>The error, or null.</returns>
    public static string? TryParse(string text, FilterUse use, out DeviceFilter filter)
    {
        ArgumentNullException.ThrowIfNull(text);
        filter = new DeviceFilter();
        var terms = new FilterTerms();
        if (Parts(text) is not { } parts)
            return $"'{text}': a quote is not closed";
        foreach (string part in parts)
        {
            if (Read(part, use, terms) is { } wrong)
                return wrong;
        }
        if (terms.IsEmpty)
            return $"'{text}' is not a filter (write KEY=GLOB,…: {FilterKeys.Hint(use)})";
        filter = terms.ToFilter();
        return null;
    }

    private static string? Read(string part, FilterUse use, FilterTerms terms)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        bool negated = equals > 0 && part[equals - 1] == '!';
        string key = equals < 0 ? "" : part[..(negated ? equals - 1 : equals)];
        string value = equals < 0 ? "" : part[(equals + 1)..];
        if (key.Length == 0 || value.Trim('!').Length == 0)
            return $"'{part}' is not KEY=GLOB";
        if (negated && value[0] == '!')
            return $"'{part}' negates twice (write {key}!={value[1..]})";
        value = negated ? "!" + value : value;
        (string kind, string? name) = Kind(key, use);
        if (FilterKeys.Refusal(kind, use) is { } refusal)
            return $"{refusal} (write {FilterKeys.Hint(use)})";
        if (FilterKeys.IsNamed(kind) != name is not null || name?.Length == 0 || !(FilterKeys.IsNamed(kind) || FilterKeys.All.Contains(kind)))
            return Unknown(key, kind, value, use);
        if (!Glob.TryParse(value, out _, out string? error))
            return $"'{value}' is not a pattern: {error}";
        if (Mistake(kind, value.TrimStart('!'), use) is { } mistake)
            return mistake;
        terms.Add(kind, name, value);
        return null;
    }

    // A key in capitals is a property: the device's, or the event's if only events are selected.
    private static (string Kind, string? Name) Kind(string key, FilterUse use)
    {
        if (key == "driver")
            return (use == FilterUse.Kernel ? FilterKeys.Variable : FilterKeys.Property, "DRIVER");
        if (key.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'))
            return (use is FilterUse.Events or FilterUse.Kernel or FilterUse.Shown || PropertyKeys.Of(Encoding.ASCII.GetBytes(key)).IsOfEvent() ? FilterKeys.Variable : FilterKeys.Property, key);
        int colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (key, null) : (key[..colon], key[(colon + 1)..]);
    }

    private static string Unknown(string key, string kind, string value, FilterUse use)
    {
        string hint = FilterKeys.IsNamed(kind) ? $"write {kind}:NAME={value}"
            : Nearest.To(kind, FilterKeys.Of(use).Select(static one => one.TrimEnd(':'))) is { } near ? $"did you mean '{near}'?"
            : $"write {FilterKeys.Hint(use)}";
        return $"'{key}' is not a filter key ({hint})";
    }

    private static string? Mistake(string kind, string value, FilterUse use)
    {
        string[] actions = use == FilterUse.Runs ? [.. UeventActions.All, "gap"] : [.. UeventActions.All];
        switch (kind)
        {
            case "action" when !actions.Any(Glob.Parse(value).Matches):
                return $"'{value}' is not an action ({Choice.Hint(value, actions)})";
            case "devpath":
                return PathMistake(value);
            case "parent":
                try
                {
                    ParentPattern.Parse(value);
                    return null;
                }
                catch (FormatException e)
                {
                    return $"'{value}' is not a parent: {e.Message} (write SUBSYSTEM, SUBSYSTEM/DEVTYPE or SUBSYSTEM:SYSNAME)";
                }
            default:
                return null;
        }
    }

    /// <summary>Says why no devpath matches a glob; null if one may.</summary>
    public static string? PathMistake(string glob) => glob.TrimStart('!') is ['/' or '*' or '?' or '[', ..]
        ? glob.StartsWith("/sys/", StringComparison.Ordinal) ? $"'{glob}': a devpath begins below /sys (write {glob[4..]})" : null
        : $"'{glob}' matches no devpath, because devpaths begin with a slash (write **/{glob}, or select by devtype=, sysname= or subsystem=)";

    // Splits at commas that are neither quoted nor after a backslash; any other backslash belongs to the pattern. Null if a quote stays open.
    private static List<string>? Parts(string text)
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
        return quote == '\0' ? parts : null;
    }
}
