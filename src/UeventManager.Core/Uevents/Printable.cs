using System.Buffers;
using System.Globalization;
using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Makes foreign text safe for a terminal, a log and a journal: the name of a device or file, or a value, may contain bytes that clear a screen,
/// reverse the text direction, or forge a line of the log. Every text that this program prints passes here.
/// </summary>
public static class Printable
{
    private const char Escape = '\e';
    private static readonly SearchValues<char> Parameters = SearchValues.Create("0123456789;");

    /// <summary>Escapes control characters, format characters and line ends.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The text, with <c>\xNN</c> or <c>\u{NNNN}</c> for each escaped character.</returns>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsPlain(text) ? text : Escaped(text, keepsColor: false);
    }

    /// <summary>The same for a line on a terminal: sequences that set a colour stay, all other escape sequences are escaped.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The line.</returns>
    public static string Colored(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsPlain(text) ? text : Escaped(text, keepsColor: true);
    }

    /// <summary>Escapes the characters that JSON would keep: DEL, C1, format characters, line separators. The meaning stays the same.</summary>
    /// <param name="json">UTF-8. Such characters can only be inside its strings.</param>
    /// <returns>The same bytes if there are no such characters.</returns>
    public static ReadOnlySpan<byte> Json(ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAnyInRange((byte)0x7F, (byte)0xFF) < 0)
            return json;
        var result = new ArrayBufferWriter<byte>(json.Length + 64);
        Span<char> units = stackalloc char[2];
        Span<byte> bytes = stackalloc byte[4];
        while (!json.IsEmpty)
        {
            var next = json.IndexOfAnyInRange((byte)0x7F, (byte)0xFF);
            if (next != 0)
            {
                var plain = next < 0 ? json : json[..next];
                result.Write(plain);
                json = json[plain.Length..];
                continue;
            }
            Rune.DecodeFromUtf8(json, out var rune, out var length);
            if (MustEscape(rune))
            {
                foreach (var unit in units[..rune.EncodeToUtf16(units)])
                    result.Write(Encoding.ASCII.GetBytes($"\\u{(int)unit:x4}"));
            }
            else
            {
                // Invalid UTF-8 was decoded to U+FFFD and is written as that.
                result.Write(bytes[..rune.EncodeToUtf8(bytes)]);
            }
            json = json[length..];
        }
        return result.WrittenSpan;
    }

    /// <summary>True if a text needs no escapes.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>False if some of its characters would be escaped.</returns>
    public static bool IsPlain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (MustEscape(rune))
                return false;
        }
        return true;
    }

    private static string Escaped(string text, bool keepsColor)
    {
        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            if (keepsColor && text[i] == Escape && ColorLength(text.AsSpan(i)) is > 0 and var color)
            {
                result.Append(text, i, color);
                i += color;
                continue;
            }
            // A lone surrogate becomes U+FFFD.
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
            i += length;
            if (!MustEscape(rune))
                result.Append(rune);
            else if (rune.Value < 0x100)
                result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else
                result.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
        return result.ToString();
    }

    // ESC [ digits and semicolons m (ECMA-48, SGR); 0 for any other sequence.
    private static int ColorLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[')
            return 0;
        var end = text[2..].IndexOfAnyExcept(Parameters);
        return end >= 0 && text[end + 2] == 'm' ? end + 3 : 0;
    }

    // Format characters include those that reverse the text direction.
    private static bool MustEscape(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
