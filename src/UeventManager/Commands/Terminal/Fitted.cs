using System.Globalization;
using System.Text;

namespace UeventManager.Commands.Terminal;

/// <summary>
/// Cuts lines to a terminal's size. A wrapped line counts as two when the cursor moves up over the output; one line too many scrolls the first off
/// the screen.
/// </summary>
internal static class Fitted
{
    private const char Cut = '…';

    /// <summary>Cuts a line to a width. Colours take no space, and end with the line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="columns">The terminal's width.</param>
    public static string Width(string line, int columns)
    {
        line = Printable.Colored(line);
        var text = new StringBuilder(line.Length);
        var (used, isColored, last) = (0, false, (Length: 0, IsColored: false));
        for (int i = 0; i < line.Length;)
        {
            if (line[i] == '\e')
            {
                int end = line.IndexOf('m', i) + 1;
                text.Append(line, i, end - i);
                isColored = line[end - 2] is not ('0' or '[');
                i = end;
                continue;
            }
            Rune.DecodeFromUtf16(line.AsSpan(i), out Rune rune, out int length);
            int wide = WidthOf(rune);
            if (used + wide > columns)
            {
                // The mark needs a column, so the last character is removed.
                text.Length = last.Length;
                return text.Append(Cut).Append(last.IsColored ? "\e[0m" : "").ToString();
            }
            if (used + wide < columns)
                last = (text.Length + length, isColored);
            text.Append(line, i, length);
            used += wide;
            i += length;
        }
        return text.ToString();
    }

    /// <summary>Cuts lines to a height; the first ones are kept.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="rest">Returns the last line, given the number of lines left out.</param>
    public static IReadOnlyList<string> Height(IReadOnlyList<string> lines, int rows, Func<int, string> rest) =>
        lines.Count <= rows ? lines : [.. lines.Take(Math.Max(0, rows - 1)), rest(lines.Count - Math.Max(0, rows - 1))];

    // Like wcwidth(3), roughly: combining marks take no column, and East Asian characters take two.
    private static int WidthOf(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0
        : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2
        : 1;
}
