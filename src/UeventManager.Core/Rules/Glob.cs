namespace UeventManager.Core.Rules;

/// <summary>
/// A pattern: <c>*</c> stops at a slash, <c>**</c> does not, <c>?</c> is one character but a slash, <c>[a-z]</c> and
/// <c>[!a-z]</c> are sets; a leading <c>!</c> negates the whole. Everything else is literal.
/// </summary>
public sealed class Glob
{
    private readonly string _pattern;
    private readonly bool _literal;

    private Glob(string text, string pattern, bool negated)
    {
        Text = text;
        _pattern = pattern;
        Negated = negated;
        _literal = pattern.AsSpan().IndexOfAny('*', '?', '[') < 0;
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>True if a leading <c>!</c> turns the answer round.</summary>
    public bool Negated { get; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern as written.</param>
    /// <param name="glob">The pattern, if it is one.</param>
    /// <param name="error">What is wrong with it, else null.</param>
    public static bool TryParse(string text, out Glob glob, out string? error)
    {
        var negated = text.StartsWith('!');
        var pattern = negated ? text[1..] : text;
        glob = new Glob(text, pattern, negated);
        error = pattern.Length == 0 && negated ? "'!' needs a pattern after it" : null;
        for (var i = 0; error is null && i < pattern.Length; i++)
        {
            if (pattern[i] != '[')
                continue;
            var length = GlobToken.SetLength(pattern.AsSpan(i));
            error = length == 0 ? "'[' has no ']'" : GlobToken.SetError(pattern.AsSpan(i, length));
            i += length - 1;
        }
        return error is null;
    }

    /// <summary>Reads a pattern that is known to be right.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static Glob Parse(string text) => TryParse(text, out var glob, out var error) ? glob : throw new FormatException(error);

    /// <summary>Whether a text matches. A text that is not there (null) matches only a negated pattern.</summary>
    public bool Matches(string? text) => text is null ? Negated : Matches(text.AsSpan());

    /// <summary>Whether a text matches.</summary>
    public bool Matches(ReadOnlySpan<char> text) =>
        (_literal ? text.SequenceEqual(_pattern) : Match(_pattern, text)) != Negated;

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Two places to go back to, the last '*' and the last '**', are enough: an earlier '*' ends before the next slash,
    // which the pattern itself names, and an earlier '**' can do nothing that the last cannot. But with both, a long
    // pattern costs the cube of the length, so after some steps the states are followed together instead.
    private static bool Match(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, starText = 0, deep = -1, deepText = 0;
        for (var steps = 16 * (pattern.Length + text.Length); steps > 0; steps--)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                if (p + 1 < pattern.Length && pattern[p + 1] == '*')
                {
                    (deep, deepText, star) = (p += 2, t, -1);
                    continue;
                }
                (star, starText) = (++p, t);
                continue;
            }
            if (t == text.Length && p == pattern.Length)
                return true;
            if (t < text.Length && p < pattern.Length && GlobToken.Matches(pattern[p..], text[t], out var length))
            {
                p += length;
                t++;
                continue;
            }
            if (star >= 0 && starText < text.Length && text[starText] != '/')
                (p, t) = (star, ++starText);
            else if (deep >= 0 && deepText < text.Length)
                (p, t, star) = (deep, ++deepText, -1);
            else
                return false;
        }
        return GlobStates.Match(pattern, text);
    }
}
