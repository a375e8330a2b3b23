using System.Text;
using System.Text.RegularExpressions;
using UeventManager.Commands.Terminal;

namespace UeventManager.Tests.Commands.Terminal;

/// <summary>Output larger than the terminal must not scroll away its beginning or leave remains.</summary>
public sealed partial class ScreenTests
{
    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "ab…")]
    [InlineData("", 3, "")]
    [InlineData("abcd", 1, "…")]
    [InlineData("\e[1mab\e[0m  cd", 6, "\e[1mab\e[0m  cd")]
    [InlineData("\e[1mabcd\e[0m", 3, "\e[1mab…\e[0m")]
    [InlineData("\e[1mab\e[0mcd", 3, "\e[1mab…\e[0m")]
    [InlineData("\e[1mab\e[0mcde", 4, "\e[1mab\e[0mc…")]
    [InlineData("日本語", 6, "日本語")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("e\u0301e\u0301", 2, "e\u0301e\u0301")]
    [InlineData("a\e[2Jb", 4, "a\\x…")]
    public void A_line_is_cut_to_the_width(string line, int columns, string expected) => Assert.Equal(expected, Fitted.Width(line, columns));

    [Fact]
    public void Only_the_first_lines_are_kept()
    {
        string[] lines = ["a", "b", "c", "d"];
        Assert.Equal(lines, Fitted.Height(lines, 4, more => $"+{more}"));
        Assert.Equal(["a", "b", "+2"], Fitted.Height(lines, 3, more => $"+{more}"));
        Assert.Equal(["+4"], Fitted.Height(lines, 1, more => $"+{more}"));
    }

    [Theory]
    [InlineData(5, 20)]
    [InlineData(2, 3)]
    [InlineData(24, 80)]
    public void A_redrawn_screen_never_scrolls_and_never_wraps(int rows, int columns)
    {
        using var stream = new MemoryStream();
        using var output = new TextOutput(stream, isTerminal: true);
        var screen = new Screen(output, () => (rows, columns));
        string[] lines = [.. Enumerable.Range(0, 10).Select(i => $"line {i} {new string('x', 30)}")];
        screen.ShowFull(lines);
        screen.ShowFull(lines);
        screen.ShowHere(lines);
        screen.ShowHere([]);
        string[] frames = Encoding.UTF8.GetString(stream.ToArray()).Split(["\e[H", "\e[J"], StringSplitOptions.RemoveEmptyEntries);
        foreach (string frame in frames)
        {
            string[] shown = frame.Split('\n');
            Assert.True(shown.Length <= rows, frame);
            Assert.All(shown, line => Assert.True(Sequence().Replace(line, "").Length <= columns, line));
        }
        if (rows > 2)
            Assert.Equal("line 0", Sequence().Replace(frames[0], "")[..6]);
        // What was shown below the cursor is gone over by as many lines as it had.
        int here = Math.Min(10, rows - 1);
        Assert.Contains($"\e[{here}A\e[J", Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    [GeneratedRegex("\e\\[[?0-9;]*[a-zA-Z]")]
    private static partial Regex Sequence();
}
