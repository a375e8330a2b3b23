using System.Buffers;
using System.Globalization;
using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Text of others made fit for a terminal, a log and a journal: a device's name, a file's, or a value may hold anything, also the bytes that clear a
/// screen, turn the direction of what follows, or begin a line of a log that nobody wrote. Every text that this program prints passes here.
/// </summary>
public static class Printable
{
    private const char Escape = '\e';
    private static readonly SearchValues<char> Parameters = SearchValues.Create("0123456789;");

    /// <summary>Escapes what is not to be printed: control and format characters, line ends.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The text, <c>\xNN</c> or <c>\u{NNNN}</c> in place of what was escaped.</returns>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsPlain(text) ? text : Escaped(text, keepsColor: false);
    }

    /// <summary>The same of a line for a terminal: sequences that set a colour stay, and nothing else of what an ESC begins.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The line.</returns>
    public static string Colored(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsPlain(text) ? text : Escaped(text, keepsColor: true);
    }

    /// <summary>
    /// Escapes in JSON what JSON itself would take as it is: DEL, C1, format characters, line separators. What it means stays the same.
    /// </summary>
    /// <param name="json">UTF-8. Such characters can only stand in its texts.</param>
    /// <returns>The same bytes where there is nothing of the kind.</returns>
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
                // What is no UTF-8 was decoded to U+FFFD, and becomes that.
                result.Write(bytes[..rune.EncodeToUtf8(bytes)]);
            }
            json = json[length..];
        }
        return result.WrittenSpan;
    }

    /// <summary>True if a text is printed as it is.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>False if something of it would be escaped.</returns>
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

    // ESC [ digits and semicolons m (ECMA-48, SGR); 0 if it is none.
    private static int ColorLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[')
            return 0;
        var end = text[2..].IndexOfAnyExcept(Parameters);
        return end >= 0 && text[end + 2] == 'm' ? end + 3 : 0;
    }

    // Format characters turn the direction of what follows.
    private static bool MustEscape(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
