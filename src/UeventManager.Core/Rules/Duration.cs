using System.Buffers;
using System.Globalization;

namespace UeventManager.Core.Rules;

/// <summary>Durations as people write them: <c>50ms</c>, <c>1.5s</c>, <c>2min</c>. The value is in microseconds.</summary>
public static class Duration
{
    // Some 31 years: beyond any use, and far from the end of a long.
    private const double MaxUsec = 1e15;

    private static readonly SearchValues<char> NumberChars = SearchValues.Create("0123456789.");

    private static readonly (string Suffix, double Usec)[] Units =
        [("us", 1), ("ms", 1_000), ("min", 60_000_000), ("m", 60_000_000), ("s", 1_000_000), ("h", 3_600_000_000)];

    private static readonly (string Suffix, string[] Names)[] Names =
    [
        ("us", ["us", "usec", "usecs", "microsecond", "microseconds", "µs"]), ("ms", ["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"]),
        ("s", ["s", "sec", "secs", "second", "seconds"]), ("min", ["m", "min", "mins", "minute", "minutes"]), ("h", ["h", "hr", "hrs", "hour", "hours"]),
    ];

    /// <summary>A regular expression for durations.</summary>
    public static string Pattern { get; } = $@"^([0-9]+\.?[0-9]*|\.[0-9]+)({string.Join('|', Units.Select(static unit => unit.Suffix))})$";

    /// <summary>Reads a duration; the unit is required.</summary>
    /// <param name="text">A number directly followed by us, ms, s, min (or m) or h.</param>
    /// <param name="usec">Microseconds.</param>
    public static bool TryParse(string text, out long usec)
    {
        usec = 0;
        foreach (var (suffix, scale) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            var number = text.AsSpan(0, text.Length - suffix.Length);
            // double.TryParse takes NaN and the infinities in every style: only digits and a point may get that far.
            if (number.ContainsAnyExcept(NumberChars)
                || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                || value * scale > MaxUsec)
                return false;
            usec = (long)Math.Round(value * scale);
            return true;
        }
        return false;
    }

    /// <summary>Reads a duration from a command line, where a plain number means seconds, as with sleep(1) and udevadm.</summary>
    public static bool TryParseOption(string text, out long usec)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out usec) || (text.Length > 0 && !text.AsSpan().ContainsAnyExcept(NumberChars) && TryParse(text + "s", out usec));
    }

    /// <summary>Suggests durations for a text that is not a duration.</summary>
    /// <param name="text">The text: a plain number, or a number with a space or a unit's full name.</param>
    /// <param name="least">The shortest allowed duration, in microseconds.</param>
    /// <param name="most">The longest allowed duration, in microseconds.</param>
    /// <returns>As <c>did you mean '50ms' or '50s'?</c>, or null.</returns>
    public static string? Hint(string text, long least = 0, long most = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        var end = text.AsSpan().IndexOfAnyExcept(NumberChars);
        var (number, unit) = end < 0 ? (text, "") : (text[..end], text[end..].Trim().ToLowerInvariant());
        string[] units = unit.Length == 0 ? ["ms", "s", "min"] : [.. Names.Where(one => one.Names.Contains(unit)).Select(one => one.Suffix)];
        string[] good = [.. units.Select(one => number + one).Where(one => one != text && TryParse(one, out var usec) && usec >= least && usec <= most).Take(2)];
        return good.Length == 0 ? null : $"did you mean {string.Join(" or ", good.Select(one => $"'{one}'"))}?";
    }

    /// <summary>The shortest exact form.</summary>
    public static string Format(long usec) => usec switch
    {
        _ when usec != 0 && usec % 60_000_000 == 0 => $"{usec / 60_000_000}min",
        _ when usec % 1_000_000 == 0 => $"{usec / 1_000_000}s",
        _ when usec % 1_000 == 0 => $"{usec / 1_000}ms",
        _ => $"{usec}us",
    };
}
