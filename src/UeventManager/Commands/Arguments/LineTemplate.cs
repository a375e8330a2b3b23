using System.CommandLine;
using System.Text;

namespace UeventManager.Commands.Arguments;

/// <summary>A person's layout of an output line: <c>{time} {action}\t{devnode}</c>. A doubled brace is a literal one.</summary>
internal sealed class LineTemplate
{
    private readonly List<(string Text, bool IsName)> _parts = [];

    private LineTemplate()
    {
    }

    /// <summary><c>--format</c>.</summary>
    /// <param name="names">The placeholders, except those for properties, attributes and links.</param>
    /// <param name="example">The example in the help.</param>
    public static Option<string?> Option(IReadOnlyList<string> names, string example)
    {
        var option = new Option<string?>("--format") { HelpName = "TEMPLATE", Description = $"The layout of each line, such as '{example}'" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && TryParse(text, names, out _) is { } wrong)
                result.AddError($"--format: {wrong}");
        });
        return option;
    }

    /// <summary>The given template, or null.</summary>
    public static LineTemplate? Of(ParseResult parsed, Option<string?> option, IReadOnlyList<string> names) =>
        parsed.GetValue(option) is { } text && TryParse(text, names, out LineTemplate template) is null ? template : null;

    /// <summary>Reads a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="names">The placeholders, except those for properties, attributes and links.</param>
    /// <param name="template">The template.</param>
    /// <returns>The error, or null.</returns>
    public static string? TryParse(string text, IReadOnlyList<string> names, out LineTemplate template)
    {
        ArgumentNullException.ThrowIfNull(text);
        template = new LineTemplate();
        var literal = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            char next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (text[i] is '{' or '}' && next == text[i])
                literal.Append(text[i++]);
            else if (text[i] == '\\' && next is 't' or 'n' or '\\')
                literal.Append(text[++i] switch { 't' => '\t', 'n' => '\n', _ => '\\' });
            else if (text[i] == '}')
                return "a '}' without its '{' (write '}}' for a literal one)";
            else if (text[i] != '{')
                literal.Append(text[i]);
            else if (text.IndexOf('}', i) is var end && end < 0)
                return "a '{' is not closed (write '{{' for a literal one)";
            else
            {
                string name = text[(i + 1)..end];
                if (!names.Contains(name) && !EventFields.IsOpen(name))
                    return Unknown(name, names);
                template.Add(literal);
                template._parts.Add((name, true));
                i = end;
            }
        }
        template.Add(literal);
        return template._parts.Count == 0 ? "an empty template (leave the option out for the default layout)" : null;
    }

    /// <summary>Fills the template in. A missing value is empty; values cannot control a terminal or begin a second line.</summary>
    /// <param name="value">Returns the value of a name.</param>
    public string Format(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return string.Concat(_parts.Select(part => part.IsName ? Printable.Text(value(part.Text) ?? "") : part.Text));
    }

    private static string Unknown(string name, IReadOnlyList<string> names)
    {
        string near = Nearest.To(name, names) is { } known ? $"did you mean '{{{known}}}'? " : "";
        return $"'{{{name}}}' is not a placeholder ({near}known: {string.Join(", ", names.Select(static one => $"{{{one}}}"))}, {{NAME}} for a property, {{property:NAME}}, {{attribute:PATH}}, {{link:PATH}})";
    }

    private void Add(StringBuilder literal)
    {
        if (literal.Length > 0)
            _parts.Add((literal.ToString(), false));
        literal.Clear();
    }
}
