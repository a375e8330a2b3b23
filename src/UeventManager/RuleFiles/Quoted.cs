using System.Globalization;
using System.Text;

namespace UeventManager.RuleFiles;

/// <summary>Text of a rule file for a message: on one line, and short.</summary>
internal static class Quoted
{
    private const int MaxChars = 60;

    /// <summary>Quotes a text; control characters are escaped and the rest of a long text is left out.</summary>
    public static string Of(string text)
    {
        var result = new StringBuilder("'");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxChars)))
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                result.Append(c);
        }
        if (text.Length > MaxChars)
            result.Append('…');
        return result.Append('\'').ToString();
    }
}
