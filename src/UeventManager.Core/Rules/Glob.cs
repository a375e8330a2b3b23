using UeventManager.Core.Uevents;

namespace UeventManager.Core.Rules;

/// <summary>
/// A pattern: <c>*</c> stops at a slash, <c>**</c> does not, <c>?</c> is one character but a slash, <c>[a-z]</c> and <c>[!a-z]</c> are sets; a
/// leading <c>!</c> negates the whole. Everything else is literal. Over a value (<see cref="GlobSubject.Value"/>) a slash is a character like any
/// other. The pattern is compiled when it is read, so that a match costs at most a few operations per character of the text, whatever the pattern is.
/// </summary>
public sealed class Glob
{
    /// <summary>The longest pattern, in characters (UTF-16 code units).</summary>
    public const int MaxLength = 1024;

    private readonly GlobToken[] _head;
    private readonly GlobToken[] _tail;
    private readonly string? _headText;
    private readonly string? _tailText;
    private readonly bool _hasStar;
    private readonly bool _isDeep;
    private readonly GlobStates? _states;

    private Glob(string text, bool negated, GlobSubject subject, List<GlobToken> tokens)
    {
        (Text, Negated, Subject) = (text, negated, subject);
        var stars = tokens.Count(token => token.IsStar);
        (_head, _tail) = ([], []);
        if (stars > 1)
        {
            _states = new GlobStates(tokens);
            return;
        }
        var star = tokens.FindIndex(token => token.IsStar);
        (_hasStar, _isDeep) = (star >= 0, star >= 0 && tokens[star].Kind == GlobTokenKind.DeepStar);
        _head = [.. star < 0 ? tokens : tokens.Take(star)];
        _tail = [.. star < 0 ? [] : tokens.Skip(star + 1)];
        (_headText, _tailText) = (GlobToken.TextOf(_head), GlobToken.TextOf(_tail));
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>True if a leading <c>!</c> negates the pattern.</summary>
    public bool Negated { get; }

    /// <summary>The kind of text that it is matched against.</summary>
    public GlobSubject Subject { get; }

    /// <summary>The pattern without the negation and, over a value, without trailing white space.</summary>
    internal ReadOnlySpan<char> Pattern => Body(Text.AsSpan(Negated ? 1 : 0), Subject);

    /// <summary>
    /// The cost of a match per character of the text, in steps of about a nanosecond: one for each 64 characters of a pattern with more than one
    /// star. 0 for any other pattern, which costs no more than a comparison of its own characters.
    /// </summary>
    public int Cost => _states?.Words ?? 0;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern as written.</param>
    /// <param name="glob">The pattern, if it is valid.</param>
    /// <param name="error">The error, or null.</param>
    /// <param name="subject">The kind of text that it will be matched against.</param>
    public static bool TryParse(string text, out Glob glob, out string? error, GlobSubject subject = GlobSubject.Path)
    {
        var negated = text.StartsWith('!');
        var pattern = Body(text.AsSpan(negated ? 1 : 0), subject);
        error = pattern.IsEmpty && negated ? "'!' needs a pattern after it"
            : text.Length > MaxLength ? $"it is longer than {MaxLength} characters" : null;
        var tokens = new List<GlobToken>();
        while (error is null && !pattern.IsEmpty)
        {
            error = GlobToken.Read(ref pattern, subject, out var token);
            tokens.Add(token);
        }
        glob = new Glob(text, negated, subject, error is null ? tokens : []);
        return error is null;
    }

    /// <summary>Reads a valid pattern for paths.</summary>
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static Glob Parse(string text) => Parse(text, GlobSubject.Path);

    /// <summary>Reads a valid pattern.</summary>
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static Glob Parse(string text, GlobSubject subject) =>
        TryParse(text, out var glob, out var error, subject) ? glob : throw new FormatException(error);

    /// <summary>Whether a text matches. A missing text (null) matches only a negated pattern.</summary>
    public bool Matches(string? text) => text is null ? Negated : Matches(text.AsSpan());

    /// <summary>Whether a text matches.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        text = Body(text, Subject);
        return (_states?.Match(text) ?? MatchEnds(text)) != Negated;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static ReadOnlySpan<char> Body(ReadOnlySpan<char> text, GlobSubject subject) =>
        subject == GlobSubject.Value ? KernelText.WithoutPadding(text) : text;

    // With at most one star, the parts before and behind it have fixed places.
    private bool MatchEnds(ReadOnlySpan<char> text)
    {
        var middle = text.Length - _head.Length - _tail.Length;
        if (middle < 0 || (middle > 0 && !_hasStar))
            return false;
        if (!Match(_head, _headText, text[.._head.Length]) || !Match(_tail, _tailText, text[^_tail.Length..]))
            return false;
        return middle == 0 || _isDeep || !text.Slice(_head.Length, middle).Contains('/');
    }

    private static bool Match(GlobToken[] tokens, string? literal, ReadOnlySpan<char> text)
    {
        if (literal is not null)
            return text.SequenceEqual(literal);
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!tokens[i].Matches(text[i]))
                return false;
        }
        return true;
    }
}
