using System.Text;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>Text that is not YAML, or uses YAML that rules do not need, is refused at its position without an exception.</summary>
public sealed class YamlMistakeTests
{
    public static TheoryData<string, string> Texts { get; } = new()
    {
        { "a: *\n", "1:4: a value cannot begin with '*' (put it in quotes)" },
        { "a: [x, *]\n", "1:8: a value cannot begin with '*' (put it in quotes)" },
        { "a: *-x\n", "1:4: aliases are not allowed (if the value begins with '*', put it in quotes: \"*-x\")" },
        { "a: &b 1\n", "1:4: anchors are not allowed (if the value begins with '&', put it in quotes: \"&b\")" },
        { "a: !lo\n", "1:4: tags are not allowed (if the value begins with '!', put it in quotes: \"!lo\")" },
        { "a: @b\n", "1:4: a value cannot begin with '@' (put it in quotes)" },
        { "a: %b\n", "1:4: a value cannot begin with '%' (put it in quotes)" },
        { "a: b: c\n", "1:5: not YAML: a second ':' or a wrong indentation here (put a value with ': ' in quotes)" },
        { "a: 1\n b: 2\n", "2:3: not YAML: a second ':' or a wrong indentation here (put a value with ': ' in quotes)" },
        { "a:\n  - b: 1\n   c: 2\n", "3:4: not YAML: the indentation of this line fits neither the lines before it nor an enclosing level" },
        { "a:\n    b: 1\n  c: 2\n", "3:3: not YAML: the indentation of this line fits neither the lines before it nor an enclosing level" },
        { "a: \"x\n", "1:4: not YAML: while scanning a quoted scalar, found unexpected end of stream" },
        { "a: [1, 2\n", "2:1: not YAML: while parsing a flow sequence, did not find expected ',' or ']'" },
        { "a:\n\tb: c\n", "2:1: a tab in the indentation (YAML wants spaces)" },
        { "a:\r\n  \tb: c\r\n", "2:3: a tab in the indentation (YAML wants spaces)" },
        { "a: \"b\0\"\n", "1:6: a NUL byte" },
        { "a: b\u0007\n", "1:5: control character U+0007" },
        { "a: b\u0085\n", "1:5: control character U+0085" },
        { "a: b\u2028\n", "1:5: control character U+2028" },
        { "\uFEFF\uFEFFa: b\n", "1:1: control character U+FEFF" },
        { "a: 1\n---\nb: 2\n", "2:1: a second document (a rule file is one document; remove the '---' or '...')" },
        { "a: 1\n...\nb: 2\n", "3:1: a second document (a rule file is one document; remove the '---' or '...')" },
        { $"a: {new string('[', 40)}", "1:35: nested deeper than 32 lists and mappings" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_YAML_mistake_is_refused_at_its_position(string text, string problem)
    {
        var problems = RuleScratch.Check(text);
        Assert.Contains($"x.yaml:{problem}", problems);
    }

    [Fact]
    public void Bytes_that_are_not_text_are_refused_at_their_position()
    {
        using var scratch = new RuleScratch();
        byte[] bytes = [.. "a: ä\nb: "u8, 0xC3, 0x28, .. "\n"u8];
        File.WriteAllBytes(scratch.Path("x.yaml"), bytes);
        Assert.Equal(["x.yaml:2:4: byte 0xc3 is not UTF-8 here"], scratch.Messages(RuleLoader.LoadPaths([scratch.Path("x.yaml")])));
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_are_accepted_and_do_not_shift_positions()
    {
        var text = "version: 1\r\nsubsystem: net\r\nrules:\r\n  - name: a\r\n    tmeout: 1s\r\n";
        using var scratch = new RuleScratch();
        File.WriteAllText(scratch.Path("x.yaml"), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal(["x.yaml:5:5: unknown key 'tmeout' (did you mean 'timeout'?)"], scratch.Messages(RuleLoader.LoadPaths([scratch.Path("x.yaml")])));
        File.WriteAllText(scratch.Path("y.yaml"), text.Replace("tmeout", "timeout", StringComparison.Ordinal), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Empty(RuleLoader.LoadPaths([scratch.Path("y.yaml")]).Problems);
    }

    [Fact]
    public void A_document_mark_at_the_beginning_is_accepted() => Assert.Empty(RuleScratch.Check("---\n" + RuleScratch.WithRule("on: [add]")));

    [Fact]
    public void Thirty_two_levels_are_deep_enough()
    {
        // The file, the list, the rule, wait and its item are five; each 'not' is one more.
        string Nested(int levels) => RuleScratch.WithRule($"wait: [{string.Concat(Enumerable.Repeat("{not: ", levels))}{{exists: a}}{new string('}', levels)}]");
        Assert.Empty(RuleScratch.Check(Nested(27)));
        Assert.Contains("nested deeper than 32", Assert.Single(RuleScratch.Check(Nested(28))));
    }
}
