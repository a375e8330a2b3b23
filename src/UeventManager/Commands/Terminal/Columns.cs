using System.Text;

namespace UeventManager.Commands.Terminal;

/// <summary>Aligned lines of cells. Nothing is cut or wrapped; the last cell of a line is not padded.</summary>
internal sealed class Columns
{
    private const string Gap = "  ";

    private readonly List<string[]> _lines = [];

    /// <summary>Adds a line.</summary>
    /// <param name="cells">The cells; they are made printable.</param>
    public void Add(params ReadOnlySpan<string> cells)
    {
        string[] line = new string[cells.Length];
        for (int i = 0; i < line.Length; i++)
            line[i] = Printable.Text(cells[i]);
        _lines.Add(line);
    }

    /// <summary>Formats the lines.</summary>
    /// <param name="indent">Written before each line.</param>
    /// <returns>The lines, without newlines and without blanks at the end.</returns>
    public IEnumerable<string> Lines(string indent = "")
    {
        int[] widths = new int[_lines.Count == 0 ? 0 : _lines.Max(static line => line.Length)];
        foreach (string[] line in _lines)
        {
            for (int i = 0; i < line.Length; i++)
                widths[i] = Math.Max(widths[i], line[i].Length);
        }
        foreach (string[] line in _lines)
        {
            var text = new StringBuilder(indent);
            for (int i = 0; i < line.Length; i++)
                text.Append(i == 0 ? "" : Gap).Append(i == line.Length - 1 ? line[i] : line[i].PadRight(widths[i]));
            yield return text.ToString().TrimEnd();
        }
    }
}
