using System.Globalization;
using System.Text;

namespace UeventManager.Commands;

/// <summary>Text of others made fit for a terminal: a device's name may hold anything, also the bytes that clear a screen.</summary>
public static class Printable
{
    /// <summary>Escapes what is not to be printed: control and format characters, line ends.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The text, <c>\xNN</c> or <c>\u{NNNN}</c> in place of what was escaped.</returns>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsPlain(text))
            return text;
        var result = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!MustEscape(rune))
                result.Append(rune);
            else if (rune.Value < 0x100)
                result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else
                result.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
        return result.ToString();
    }

    private static bool IsPlain(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (MustEscape(rune))
                return false;
        }
        return true;
    }

    // Format characters turn the direction of what follows; a lone surrogate enumerates as U+FFFD and is fine.
    private static bool MustEscape(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
