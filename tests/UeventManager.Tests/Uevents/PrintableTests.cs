using System.Text;
using System.Text.Json;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>The name of a device or file must not clear a screen, hide text, or forge a line of the log.</summary>
public sealed class PrintableTests
{
    // What JSON takes as it is.
    private const string Hostile = "x\u007f\u009b\u202e\u2066\u2028\u200f\u061c\ufeff\U000e0041ü😀";

    [Theory]
    [InlineData("plain text, äöü 漢字 😀", "plain text, äöü 漢字 😀")]
    [InlineData("a\e[2J", @"a\x1b[2J")]
    [InlineData("a\rb\nc\td\0e\af", @"a\x0db\x0ac\x09d\x00e\x07f")]
    [InlineData("\u007f\u0080\u009b\u009f", @"\x7f\x80\x9b\x9f")]
    [InlineData("\u202e\u2066\u200f\u061c\ufeff", @"\u{202e}\u{2066}\u{200f}\u{61c}\u{feff}")]
    [InlineData("\u2028\u2029", @"\u{2028}\u{2029}")]
    [InlineData("\U000e0041", @"\u{e0041}")]
    public void Unprintable_characters_are_escaped(string text, string printed) => Assert.Equal(printed, Printable.Text(text));

    [Fact]
    public void Half_a_character_becomes_one_that_stands_for_none() => Assert.Equal("\ufffdx\\x0a", Printable.Text("\ud800x\n"));

    [Theory]
    [InlineData("\e[1mname\e[0m", "\e[1mname\e[0m")]
    [InlineData("\e[1;31mname\e[m", "\e[1;31mname\e[m")]
    [InlineData("\e[2J\e[1mx", @"\x1b[2J" + "\e[1mx")]
    [InlineData("\e]0;title\a", @"\x1b]0;title\x07")]
    [InlineData("\e[1", @"\x1b[1")]
    [InlineData("\e", @"\x1b")]
    public void On_a_terminal_only_colours_are_kept(string text, string printed) => Assert.Equal(printed, Printable.Colored(text));

    [Fact]
    public void No_character_controls_a_terminal_when_printed()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.TryCreate(value, out var rune))
                continue;
            var printed = Printable.Text($"{rune}");
            Assert.DoesNotContain(printed, c => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\u061c');
            Assert.Equal(printed == $"{rune}", Printable.IsPlain($"{rune}"));
        }
    }

    [Fact]
    public void Json_means_the_same_and_holds_nothing_of_the_kind()
    {
        var json = Encoding.UTF8.GetBytes($"{{\"a\":\"{Hostile}\"}}");
        var printed = Printable.Json(json).ToArray();
        Assert.DoesNotContain(Encoding.UTF8.GetString(printed).EnumerateRunes(), rune => rune.Value is >= 0x7F and < 0xA0 or 0x202E or 0x2066 or 0x2028 or 0x200F or 0x61C or 0xFEFF or 0xE0041);
        Assert.Equal(Hostile, JsonDocument.Parse(printed).RootElement.GetProperty("a").GetString());
        Assert.EndsWith("ü😀\"}", Encoding.UTF8.GetString(printed), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_do_not_pass_in_json() =>
        Assert.Equal("{\"a\":\"\ufffd\"}", Encoding.UTF8.GetString(Printable.Json([.. "{\"a\":\""u8, 0x9B, .. "\"}"u8])));
}
