using System.Text.RegularExpressions;

namespace UeventManager.Core.Recording;

/// <summary>Groups names that differ only in numbers: <c>queues/tx-0</c> and <c>queues/tx-12</c> belong to the family <c>queues/tx-#</c>.</summary>
public static partial class NameFamily
{
    /// <summary>The family of a name, judged by its text alone.</summary>
    public static string Of(string name) => Number().Replace(Uuid().Replace(name, "#"), "#");

    /// <summary>
    /// The family of a name, judged by its target or child too: the part that repeats another device's name (<c>lower_eth0</c>, <c>net/eth0</c>) says
    /// nothing about the kind and is replaced.
    /// </summary>
    public static string Of(string name, RecordedStay stay, bool isChild)
    {
        var slash = name.LastIndexOf('/');
        var (above, last) = (slash < 0 ? "" : name[..(slash + 1)], name[(slash + 1)..]);
        var other = stay.Target is { } target ? target[(target.LastIndexOf('/') + 1)..] : "";
        if (above.Length > 0 && (isChild || last == other))
            return Of(above) + "#";
        if (other.Length > 0 && other.Length < last.Length && last.EndsWith(other, StringComparison.Ordinal) && !char.IsAsciiLetterOrDigit(last[^(other.Length + 1)]))
            return Of(above + last[..^other.Length]) + "#";
        return Of(name);
    }

    /// <summary>A glob for some names of one family. For children in a directory of their class, it begins with their common prefix.</summary>
    public static string Glob(string family, IReadOnlyCollection<string> names)
    {
        if (!family.EndsWith("/#", StringComparison.Ordinal) || names.Count == 0 || family.Count(c => c == '#') > 1)
            return family.Replace('#', '*');
        var prefix = names.First();
        foreach (var name in names)
        {
            var length = 0;
            while (length < Math.Min(prefix.Length, name.Length) && prefix[length] == name[length])
                length++;
            prefix = prefix[..length];
        }
        prefix = prefix.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        // A prefix that is itself one of the names would be no pattern for the others.
        var least = family.LastIndexOf('/') + 1;
        return (prefix.Length >= least && prefix.Length < names.Min(name => name.Length) ? prefix : family[..^1]) + "*";
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
