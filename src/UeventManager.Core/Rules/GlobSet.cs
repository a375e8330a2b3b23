namespace UeventManager.Core.Rules;

/// <summary>A set of characters, as <c>[a-z_]</c> or <c>[!a-z_]</c>.</summary>
internal sealed class GlobSet
{
    private readonly UInt128 _ascii;
    private readonly bool _negated;
    // First and last character of each range beyond ASCII, one after the other.
    private readonly string _others;

    /// <summary>Reads the text between the brackets, which must be valid.</summary>
    public GlobSet(ReadOnlySpan<char> inside)
    {
        _negated = inside[0] is '!' or '^';
        if (_negated)
            inside = inside[1..];
        var others = new List<char>();
        for (var i = 0; i < inside.Length; i++)
        {
            var (first, last) = (inside[i], inside[i]);
            if (i + 2 < inside.Length && inside[i + 1] == '-')
                last = inside[i += 2];
            for (int c = first; c <= Math.Min((int)last, 127); c++)
                _ascii |= UInt128.One << c;
            if (last > 127)
                others.AddRange([first, last]);
        }
        _others = string.Concat(others);
    }

    /// <summary>True if it names single characters beyond ASCII.</summary>
    public bool HasOthers => _others.Length > 0;

    /// <summary>Whether it contains a character.</summary>
    public bool Contains(char c)
    {
        if (c < 128)
            return ((_ascii >> c) & 1) != 0 != _negated;
        for (var i = 0; i < _others.Length; i += 2)
        {
            if (c >= _others[i] && c <= _others[i + 1])
                return !_negated;
        }
        return _negated;
    }

    /// <summary>The length of the set at the beginning of a text, with brackets; 0 if the closing bracket is missing.</summary>
    public static int LengthOf(ReadOnlySpan<char> text)
    {
        // As in fnmatch(3), a ']' at the first place (after the negation) is an ordinary character.
        var first = text.Length > 1 && text[1] is '!' or '^' ? 2 : 1;
        if (first + 1 > text.Length)
            return 0;
        var end = text[(first + 1)..].IndexOf(']');
        return end < 0 ? 0 : first + end + 2;
    }

    /// <summary>The error in a set, given with its brackets, or null.</summary>
    public static string? ErrorOf(ReadOnlySpan<char> set)
    {
        var inside = set[1] is '!' or '^' ? set[2..^1] : set[1..^1];
        for (var i = 0; i + 2 < inside.Length; i++)
        {
            if (inside[i + 1] != '-')
                continue;
            if (inside[i] > inside[i + 2])
                return $"the range '{inside[i]}-{inside[i + 2]}' is empty";
            i += 2;
        }
        return null;
    }
}
