using System.Text;
using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads single values. Each method reports errors and then returns null.</summary>
internal static class Values
{
    /// <summary>Reads any text; numbers and booleans are taken as written.</summary>
    public static string? Text(string key, RuleNode node, ProblemList problems)
    {
        if (node is TextNode { IsNothing: false } text)
            return text.Text;
        problems.Add(node, node is TextNode ? $"'{key}' has no value" : $"'{key}' must be a text, not {node.Kind}");
        return null;
    }

    /// <summary>Reads a text that is not empty and has no control characters.</summary>
    public static string? Name(string key, RuleNode node, ProblemList problems)
    {
        if (Text(key, node, problems) is not { } text)
            return null;
        if (string.IsNullOrWhiteSpace(text))
            problems.Add(node, $"'{key}' is empty");
        else if (text.Any(char.IsControl))
            problems.Add(node, $"{Quoted.Of(text)} has a control character");
        else
            return text;
        return null;
    }

    /// <summary>Reads the name of a property.</summary>
    public static string? Property(string key, RuleNode node, ProblemList problems)
    {
        if (Name(key, node, problems) is not { } name)
            return null;
        if (!name.Contains('='))
            return name;
        problems.Add(node, $"property name {Quoted.Of(name)} contains '='");
        return null;
    }

    /// <summary>Reads the plain word <c>true</c>, the only value of such a key.</summary>
    public static bool? True(string key, RuleNode node, ProblemList problems)
    {
        if (node is TextNode { Plain: true, Text: "true" })
            return true;
        problems.Add(node, node switch
        {
            TextNode { IsNothing: true } => $"'{key}' has no value (write 'true')",
            TextNode { Plain: true, Text: "false" } => $"'{key}: false' tests nothing (remove it, or write 'not: {{{key}: true}}')",
            TextNode { Text: "true" } => $"'{key}' must be true without quotes",
            TextNode text => $"'{key}' must be true, not {Quoted.Of(text.Text)}",
            _ => $"'{key}' must be true, not {node.Kind}",
        });
        return null;
    }

    /// <summary>Reads a whole number, decimal or hexadecimal with <c>0x</c>.</summary>
    public static long? Number(string key, RuleNode node, ProblemList problems)
    {
        if (Text(key, node, problems) is not { } text)
            return null;
        if (ValueTest.TryNumber(text, out var number))
            return number;
        problems.Add(node, $"'{key}' must be a whole number, not {Quoted.Of(text)}");
        return null;
    }

    /// <summary>Reads a duration of at least 1 ms; the result is in microseconds.</summary>
    public static long? Usec(string key, RuleNode node, ProblemList problems)
    {
        if (Text(key, node, problems) is not { } text)
            return null;
        if (Duration.TryParse(text, out var usec))
        {
            if (usec >= RuleSchema.MinDurationUsec)
                return usec;
            problems.Add(node, $"{key}: {text} is shorter than {Duration.Format(RuleSchema.MinDurationUsec)}");
        }
        else
        {
            var what = Duration.TryParse(text + "s", out _) ? $"{text} has no unit" : $"{Quoted.Of(text)} is not a duration";
            problems.Add(node, $"{key}: {what} ({Duration.Hint(text, RuleSchema.MinDurationUsec, RuleSchema.MaxTimeoutUsec) ?? "such as 500ms, 5s or 2min"})");
        }
        return null;
    }

    /// <summary>Reads a pattern for a value; <paramref name="refuse"/> may say why a valid one makes no sense here.</summary>
    public static Glob? ValuePattern(string key, RuleNode node, ProblemList problems, Func<string, string?>? refuse = null) =>
        Pattern(key, node, problems, refuse, GlobSubject.Value);

    /// <summary>Reads a pattern for one name or path; <paramref name="refuse"/> may say why a valid one makes no sense here.</summary>
    public static Glob? Pattern(
        string key, RuleNode node, ProblemList problems, Func<string, string?>? refuse = null, GlobSubject subject = GlobSubject.Path)
    {
        if (Text(key, node, problems) is not { } text)
            return null;
        if (!Glob.TryParse(text, out var glob, out var error, subject) || (error = refuse?.Invoke(glob.Negated ? text[1..] : text)) is not null)
        {
            problems.Add(node, $"{key}: pattern {Quoted.Of(text)}: {error}");
            return null;
        }
        return glob;
    }

    /// <summary>Number of bytes in UTF-8.</summary>
    public static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);
}
