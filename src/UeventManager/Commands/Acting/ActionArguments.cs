using System.Text.RegularExpressions;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Acting;

/// <summary>
/// The arguments of a program with placeholders: <c>{devpath}</c>, <c>{IFINDEX}</c> for a property, <c>{attribute:operstate}</c>,
/// <c>{link:driver}</c>. A brace after a dollar sign belongs to a shell; <c>{{devpath}}</c> means a literal <c>{devpath}</c>. Other braces are kept.
/// </summary>
internal static partial class ActionArguments
{
    /// <summary>The names other than properties.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. EventFields.OfEvents];

    /// <summary>The error in an argument, or null.</summary>
    public static string? Mistake(string argument)
    {
        foreach (Match match in Placeholder().Matches(argument))
        {
            string name = match.Groups["name"].Value;
            if (!match.Groups["literal"].Success && IsWord(name) && !Names.Contains(name))
                return $"'{{{name}}}' is not a placeholder ({(Nearest.To(name, Names) is { } near ? $"did you mean '{{{near}}}'?" : $"write {{{{{name}}}}} if it stands for itself")})";
        }
        return null;
    }

    /// <summary>Fills in an argument. A value that the event lacks is empty.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="request">The run.</param>
    /// <param name="sysfs">The root of sysfs.</param>
    public static string Fill(string argument, ActionRequest request, string sysfs) => Placeholder().Replace(argument, match =>
    {
        string name = match.Groups["name"].Value;
        return match.Groups["literal"].Success ? $"{{{name}}}" : Value(name, request, sysfs)?.Replace("\0", "", StringComparison.Ordinal) ?? "";
    });

    private static string? Value(string name, ActionRequest request, string sysfs) => name switch
    {
        "action" => request.Action,
        "cursor" => request.Cursor,
        _ => request.Event is { } one ? EventFields.Value(name, one.Device, one, sysfs) : null,
    };

    private static bool IsWord(string name) => name.All(char.IsAsciiLetterLower);

    [GeneratedRegex(@"(?<!\$)(?:\{\{(?<literal>)(?<name>[a-z]+|[A-Z][A-Z0-9_]*|(?:attribute|link|property):[^{}\s]+)\}\}|(?<!\{)\{(?<name>[a-z]+|[A-Z][A-Z0-9_]*|(?:attribute|link|property):[^{}\s]+)\})")]
    private static partial Regex Placeholder();
}
