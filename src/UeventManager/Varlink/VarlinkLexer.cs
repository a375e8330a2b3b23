using System.Text;

namespace UeventManager.Varlink;

/// <summary>Cuts an interface file into words and punctuation; keeps the comments that stand before each.</summary>
internal sealed class VarlinkLexer
{
    private readonly string text;
    private int position;

    /// <summary>Starts at the first token.</summary>
    /// <param name="text">The whole file.</param>
    public VarlinkLexer(string text)
    {
        this.text = text;
        Next();
    }

    /// <summary>The current token; empty at the end of the file.</summary>
    public string Token { get; private set; } = "";

    /// <summary>The comments between the last token and this one, without their <c># </c>; of two blocks the nearer.</summary>
    public string Comment { get; private set; } = "";

    /// <summary>True if a line ends between the last token and this one.</summary>
    public bool StartsLine { get; private set; }

    /// <summary>Where the current token starts.</summary>
    public int Start { get; private set; }

    /// <summary>Goes on to the next token.</summary>
    public void Next()
    {
        SkipBlanks();
        Start = position;
        if (position == text.Length)
            Token = "";
        else if (char.IsAsciiLetterOrDigit(text[position]))
            Token = TakeWord();
        else
            Token = TakePunctuation();
    }

    /// <summary>Makes the error for a place in the text.</summary>
    /// <param name="offset">The place.</param>
    /// <param name="message">What is wrong.</param>
    /// <returns>The exception to throw.</returns>
    public VarlinkFormatException Error(int offset, string message)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, offset);
        return new VarlinkFormatException(before.Count('\n') + 1, offset - before.LastIndexOf('\n'), message);
    }

    private void SkipBlanks()
    {
        var comment = new StringBuilder();
        StartsLine = position == 0;
        int ends = 0;
        for (; position < text.Length; position++)
        {
            char c = text[position];
            if (c == '#')
            {
                int end = text.AsSpan(position).IndexOfAny('\n', '\r');
                end = end < 0 ? text.Length : position + end;
                string line = text[(position + 1)..end];
                comment.Append(comment.Length == 0 ? "" : "\n").Append(line.StartsWith(' ') ? line[1..] : line);
                position = end - 1;
                ends = 0;
            }
            else if (c is '\n' or '\r')
            {
                StartsLine = true;
                if (c == '\n' && ++ends == 2)
                    comment.Clear(); // An empty line parts a comment from what follows.
            }
            else if (c is not (' ' or '\t'))
            {
                break;
            }
        }
        Comment = comment.ToString();
    }

    // Hyphens and dots belong to interface names, underscores to field names; the parser says which word may stand where.
    private string TakeWord()
    {
        int end = position;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '.' || IsHyphenInWord(end)))
            end++;
        string word = text[position..end];
        position = end;
        return word;
    }

    private bool IsHyphenInWord(int at) => text[at] == '-' && !(at + 1 < text.Length && text[at + 1] == '>');

    private string TakePunctuation()
    {
        foreach (string mark in (ReadOnlySpan<string>)["->", "[]", "[string]", "(", ")", ",", ":", "?"])
        {
            if (string.CompareOrdinal(text, position, mark, 0, mark.Length) == 0)
            {
                position += mark.Length;
                return mark;
            }
        }
        throw Error(position, $"unexpected '{text[position]}'");
    }
}
