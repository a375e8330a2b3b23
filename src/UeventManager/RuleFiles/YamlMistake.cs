namespace UeventManager.RuleFiles;

/// <summary>Describes an error in a text that is not valid YAML.</summary>
internal static class YamlMistake
{
    /// <summary>A message for the parser's error at a place.</summary>
    public static string Describe(string text, Place place, string said)
    {
        // These characters have a special meaning at the beginning of a value; globs begin with two of them.
        if (At(text, place) is var c and ('*' or '!' or '&' or '%' or '@' or '`'))
            return $"a value cannot begin with '{c}' (put it in quotes)";
        if (said.EndsWith("found invalid mapping.", StringComparison.Ordinal))
            return "not YAML: a second ':' or a wrong indentation here (put a value with ': ' in quotes)";
        if (said.StartsWith("While parsing a block ", StringComparison.Ordinal))
            return "not YAML: the indentation of this line fits neither the lines before it nor an enclosing level";
        var message = said.TrimEnd('.');
        return $"not YAML: {char.ToLowerInvariant(message[0])}{message[1..]}";
    }

    /// <summary>The character at a place, or NUL.</summary>
    private static char At(string text, Place place)
    {
        var line = 1;
        var start = 0;
        while (line < place.Line)
        {
            var end = text.AsSpan(start).IndexOfAny('\n', '\r');
            if (end < 0)
                return '\0';
            start += end + (text.AsSpan(start + end).StartsWith("\r\n") ? 2 : 1);
            line++;
        }
        var index = start + place.Column - 1;
        return index < text.Length ? text[index] : '\0';
    }
}
