using System.Text.RegularExpressions;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Acting;

/// <summary>
/// The arguments of a program with their placeholders: <c>{devpath}</c>, <c>{IFINDEX}</c> for a property, <c>{attribute:operstate}</c>,
/// <c>{link:driver}</c>. A brace behind a dollar sign is a shell's; <c>{{devpath}}</c> stands for <c>{devpath}</c>. Other braces are left alone.
/// </summary>
internal static partial class ActionArguments
{
    /// <summary>The names that are not those of properties.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. EventFields.OfEvents];

    /// <summary>Says what is wrong with an argument, or null.</summary>
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

    /// <summary>Fills an argument in. What an event does not have is empty.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="request">What the program is run for.</param>
    /// <param name="sysfs">Where sysfs is.</param>
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
