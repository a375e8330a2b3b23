using System.Text;

namespace UeventManager.Commands.Arguments;

/// <summary>Splits a line like a shell: at blanks outside quotes. Nothing is expanded.</summary>
internal static class ShellWords
{
    /// <summary>Splits a line.</summary>
    /// <param name="line">The line; a quote may still be open at its end.</param>
    /// <returns>The words; the last one is empty if the line ends with a blank.</returns>
    public static List<string> Split(string line) => Split(line, out _);

    /// <summary>Splits a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="quote">The quote that is still open at the end; NUL if none is.</param>
    /// <returns>The words; the last one is empty if the line ends with a blank.</returns>
    public static List<string> Split(string line, out char quote)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        quote = '\0';
        bool inWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }
            inWord = true;
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                word.Append(line[++i]);
            else if (c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else
                word.Append(c);
        }
        words.Add(word.ToString());
        return words;
    }
}
