using System.Globalization;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Rules;

/// <summary>
/// A test for a value. Exactly one of the five properties is set. Trailing white space and NULs do not count, neither in the value nor in the test.
/// </summary>
public sealed record ValueTest
{
    /// <summary>The value is this text.</summary>
    public string? EqualTo { get; init; }

    /// <summary>The value is one of these texts.</summary>
    public IReadOnlyList<string>? In { get; init; }

    /// <summary>The value matches this pattern.</summary>
    public Glob? Matches { get; init; }

    /// <summary>The value has at least one character that is neither white space nor NUL.</summary>
    public bool NotEmpty { get; init; }

    /// <summary>The value is a number, decimal or hexadecimal with <c>0x</c>, and at least this.</summary>
    public long? AtLeast { get; init; }

    /// <summary>Whether a value passes; a missing value (null) never does.</summary>
    public bool Passes(string? value)
    {
        if (value is null)
            return false;
        var trimmed = KernelText.WithoutPadding(value.AsSpan());
        if (EqualTo is not null)
            return IsSame(EqualTo, trimmed);
        if (In is not null)
            return IsOneOf(In, trimmed);
        if (Matches is not null)
            return Matches.Matches(value);
        if (AtLeast is not null)
            return TryNumber(trimmed, out var number) && number >= AtLeast;
        return !trimmed.IsEmpty;
    }

    /// <summary>A regular expression for the numbers that <see cref="TryNumber"/> reads.</summary>
    public const string NumberPattern = @"^\s*([-+]?[0-9]+|0[xX][0-9a-fA-F]+)\s*$";

    /// <summary>
    /// Reads a number as the kernel prints it: decimal, or hexadecimal with <c>0x</c>. An unsigned number beyond the range of
    /// <paramref name="number"/> becomes the greatest value, so that it is "at least" any other.
    /// </summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        var span = KernelText.WithoutPadding(text).Trim();
        var hexadecimal = span.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!hexadecimal && long.TryParse(span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return true;
        var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        var good = ulong.TryParse(hexadecimal ? span[2..] : span, style, CultureInfo.InvariantCulture, out var unsigned);
        number = (long)Math.Min(unsigned, long.MaxValue);
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        EqualTo is not null ? $"equals {Quote(EqualTo)}"
        : In is not null ? $"in [{string.Join(", ", In.Select(Quote))}]"
        : Matches is not null ? $"matches {Quote(Matches.Text)}"
        : AtLeast is not null ? $"atLeast {AtLeast}"
        : "notEmpty";

    private static bool IsSame(string wanted, ReadOnlySpan<char> value) => KernelText.WithoutPadding(wanted.AsSpan()).SequenceEqual(value);

    private static bool IsOneOf(IReadOnlyList<string> wanted, ReadOnlySpan<char> value)
    {
        foreach (var one in wanted)
        {
            if (IsSame(one, value))
                return true;
        }
        return false;
    }

    private static string Quote(string text) => $"\"{text}\"";
}
