using System.Text;

namespace UeventManager.Varlink;

/// <summary>Splits an interface file into words and punctuation, and keeps the comments before each token.</summary>
internal sealed class VarlinkLexer
{
    private readonly string _text;
    private int _position;

    /// <summary>Starts at the first token.</summary>
    /// <param name="text">The whole file.</param>
    public VarlinkLexer(string text)
    {
        _text = text;
        Next();
    }

    /// <summary>The current token; empty at the end of the file.</summary>
    public string Token { get; private set; } = "";

    /// <summary>The comments between the last token and this one, without <c># </c>; of two blocks the nearer one.</summary>
    public string Comment { get; private set; } = "";

    /// <summary>True if a line ends between the last token and this one.</summary>
    public bool StartsLine { get; private set; }

    /// <summary>The start of the current token.</summary>
    public int Start { get; private set; }

    /// <summary>Goes on to the next token.</summary>
    public void Next()
    {
        SkipBlanks();
        Start = _position;
        if (_position == _text.Length)
            Token = "";
        else if (char.IsAsciiLetterOrDigit(_text[_position]))
            Token = TakeWord();
        else
            Token = TakePunctuation();
    }

    /// <summary>Creates the exception for a place in the text.</summary>
    /// <param name="offset">The place.</param>
    /// <param name="message">The error.</param>
    /// <returns>The exception to throw.</returns>
    public VarlinkFormatException Error(int offset, string message)
    {
        ReadOnlySpan<char> before = _text.AsSpan(0, offset);
        return new VarlinkFormatException(before.Count('\n') + 1, offset - before.LastIndexOf('\n'), message);
    }

    private void SkipBlanks()
    {
        var comment = new StringBuilder();
        StartsLine = _position == 0;
        int ends = 0;
        for (; _position < _text.Length; _position++)
        {
            char c = _text[_position];
            if (c == '#')
            {
                int end = _text.AsSpan(_position).IndexOfAny('\n', '\r');
                end = end < 0 ? _text.Length : _position + end;
                string line = _text[(_position + 1)..end];
                comment.Append(comment.Length == 0 ? "" : "\n").Append(line.StartsWith(' ') ? line[1..] : line);
                _position = end - 1;
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

    // Hyphens and dots belong to interface names, underscores to field names; the parser checks which word is allowed where.
    private string TakeWord()
    {
        int end = _position;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '_' or '.' || IsHyphenInWord(end)))
            end++;
        string word = _text[_position..end];
        _position = end;
        return word;
    }

    private bool IsHyphenInWord(int at) => _text[at] == '-' && !(at + 1 < _text.Length && _text[at + 1] == '>');

    private string TakePunctuation()
    {
        foreach (string mark in (ReadOnlySpan<string>)["->", "[]", "[string]", "(", ")", ",", ":", "?"])
        {
            if (string.CompareOrdinal(_text, _position, mark, 0, mark.Length) == 0)
            {
                _position += mark.Length;
                return mark;
            }
        }
        throw Error(_position, $"unexpected '{_text[_position]}'");
    }
}
