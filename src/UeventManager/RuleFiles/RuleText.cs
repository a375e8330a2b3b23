using System.Text.Unicode;

namespace UeventManager.RuleFiles;

/// <summary>Decodes the bytes of a rule file: UTF-8, with a byte order mark and CRLF allowed, but no other control characters.</summary>
internal static class RuleText
{
    /// <summary>The text without a byte order mark, or null after a problem.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, ProblemList problems)
    {
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        var buffer = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, buffer, out var read, out var written, replaceInvalidSequences: false);
        var text = new string(buffer, 0, written);
        var clean = CheckCharacters(text, problems, out var end);
        if (status == System.Buffers.OperationStatus.Done)
            return clean ? text : null;
        if (clean)
            problems.Add(end, $"byte 0x{bytes[read]:x2} is not UTF-8 here");
        return null;
    }

    // The parser skips NULs, takes a few control characters for line ends, and reports a tab at the wrong place.
    private static bool CheckCharacters(string text, ProblemList problems, out Place end)
    {
        int line = 1, lineStart = 0;
        var indentation = true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n' || (c == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                (line, lineStart, indentation) = (line + 1, i + 1, true);
                continue;
            }
            end = new Place(line, i - lineStart + 1);
            if (c == '\t' && indentation)
            {
                problems.Add(end, "a tab in the indentation (YAML wants spaces)");
                return false;
            }
            if ((char.IsControl(c) && c is not ('\t' or '\r')) || c is '\u2028' or '\u2029' or '\uFEFF')
            {
                problems.Add(end, c == 0 ? "a NUL byte" : $"control character U+{(int)c:X4}");
                return false;
            }
            indentation &= c == ' ';
        }
        end = new Place(line, text.Length - lineStart + 1);
        return true;
    }
}
