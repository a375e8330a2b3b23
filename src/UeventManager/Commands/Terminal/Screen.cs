namespace UeventManager.Commands.Terminal;

/// <summary>Lines on a terminal that are rewritten in place. The terminal's size may change in between.</summary>
/// <param name="output">The terminal.</param>
/// <param name="sizeOf">Returns the present rows and columns.</param>
internal sealed class Screen(TextOutput output, Func<(int Rows, int Columns)> sizeOf)
{
    private int _shown;
    private bool _isCleared;

    /// <summary>Shows lines from the top of the terminal on; lines that do not fit are left out at the bottom.</summary>
    /// <param name="lines">The lines.</param>
    public void ShowFull(IReadOnlyList<string> lines)
    {
        var (rows, columns) = sizeOf();
        // Home; erased once and then overwritten, which does not flicker.
        output.Raw(_isCleared ? "\e[H" : "\e[H\e[2J");
        _isCleared = true;
        // The cursor needs the last row.
        foreach (string line in Fitted.Height(lines, Math.Max(1, rows - 1), static more => $"… {more} more lines (a larger terminal shows them)"))
            Write(line, columns);
        output.Raw("\e[J");
        output.Flush();
    }

    /// <summary>Shows lines at the cursor, in place of the lines shown before.</summary>
    /// <param name="lines">The lines; none to remove them.</param>
    public void ShowHere(IReadOnlyList<string> lines)
    {
        var (rows, columns) = sizeOf();
        if (_shown > 0)
            output.Raw($"\e[{_shown}A\e[J");
        IReadOnlyList<string> shown = Fitted.Height(lines, Math.Max(1, rows - 1), static more => $"  and {more} more");
        foreach (string line in shown)
            Write(line, columns);
        _shown = shown.Count;
        output.Flush();
    }

    private void Write(string line, int columns)
    {
        // Erased before the text: after a line as long as the terminal is wide, the cursor stands on its last character. A character counted as one
        // column here may take two on the terminal, so wrapping is off.
        output.Raw("\e[2K\e[?7l");
        output.Raw(Fitted.Width(line, columns));
        output.Raw("\e[?7h\n");
    }
}
