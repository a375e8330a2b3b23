namespace UeventManager.Core.Rules;

/// <summary>The kinds of elements of a <see cref="Glob"/>.</summary>
internal enum GlobTokenKind : byte
{
    /// <summary>One literal character.</summary>
    Literal,

    /// <summary><c>?</c>: one character but a slash.</summary>
    Any,

    /// <summary><c>[…]</c>: one character of a set, never a slash.</summary>
    Set,

    /// <summary><c>?</c> over a value: one character.</summary>
    AnyOrSlash,

    /// <summary><c>[…]</c> over a value: one character of a set.</summary>
    SetOrSlash,

    /// <summary><c>*</c>: any number of characters but slashes.</summary>
    Star,

    /// <summary><c>**</c>, and <c>*</c> over a value: any number of characters.</summary>
    DeepStar,
}

/// <summary>One element of a <see cref="Glob"/>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Literal">The character of a literal element.</param>
/// <param name="Set">The set of a set element.</param>
internal readonly record struct GlobToken(GlobTokenKind Kind, char Literal, GlobSet? Set)
{
    /// <summary>True if it matches any number of characters.</summary>
    public bool IsStar => Kind is GlobTokenKind.Star or GlobTokenKind.DeepStar;

    /// <summary>Whether an element that is not a star matches a character.</summary>
    public bool Matches(char c) => Kind switch
    {
        GlobTokenKind.Literal => c == Literal,
        GlobTokenKind.Set => c != '/' && Set!.Contains(c),
        GlobTokenKind.AnyOrSlash => true,
        GlobTokenKind.SetOrSlash => Set!.Contains(c),
        _ => c != '/',
    };

    /// <summary>Takes the first element off a pattern, which must not be empty.</summary>
    /// <returns>The error, or null.</returns>
    public static string? Read(ref ReadOnlySpan<char> pattern, GlobSubject subject, out GlobToken token)
    {
        var isValue = subject == GlobSubject.Value;
        var length = 1;
        string? error = null;
        switch (pattern[0])
        {
            case '*':
                // A third star next to two others adds nothing.
                length = pattern.IndexOfAnyExcept('*') is var end and >= 0 ? end : pattern.Length;
                token = new GlobToken(length == 1 && !isValue ? GlobTokenKind.Star : GlobTokenKind.DeepStar, default, null);
                break;
            case '?':
                token = new GlobToken(isValue ? GlobTokenKind.AnyOrSlash : GlobTokenKind.Any, default, null);
                break;
            case '[':
                length = GlobSet.LengthOf(pattern);
                token = default;
                error = length == 0 ? "'[' has no ']'" : GlobSet.ErrorOf(pattern[..length]);
                if (error is null)
                    token = new GlobToken(isValue ? GlobTokenKind.SetOrSlash : GlobTokenKind.Set, default, new GlobSet(pattern[1..(length - 1)]));
                break;
            default:
                token = new GlobToken(GlobTokenKind.Literal, pattern[0], null);
                break;
        }
        pattern = pattern[length..];
        return error;
    }

    /// <summary>The text of the elements if all are literal, else null.</summary>
    public static string? TextOf(GlobToken[] tokens) =>
        Array.TrueForAll(tokens, token => token.Kind == GlobTokenKind.Literal) ? string.Concat(tokens.Select(token => token.Literal)) : null;
}
