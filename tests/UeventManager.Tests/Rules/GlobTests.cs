using System.Text.RegularExpressions;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Rules;

/// <summary>A pattern that matches too much or too little puts a rule in force for the wrong devices.</summary>
public sealed class GlobTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("eth0", "eth0")]
    [InlineData("eth*", "eth0")]
    [InlineData("eth*", "eth")]
    [InlineData("*", "")]
    [InlineData("e?h0", "eth0")]
    [InlineData("*-*-*-*-*", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001")]
    [InlineData("dm-[0-9]*", "dm-12")]
    [InlineData("[!a-z]x", "1x")]
    [InlineData("[^a-z]x", "1x")]
    [InlineData("[]]x", "]x")]
    [InlineData("[!]]x", "ax")]
    [InlineData("[a-]", "-")]
    [InlineData("[*]", "*")]
    [InlineData("/devices/**", "/devices/pci0000:00/0000:00:01.0")]
    [InlineData("/devices/**/net/*", "/devices/virtual/net/lo")]
    [InlineData("/devices/*/net/*", "/devices/virtual/net/lo")]
    [InlineData("**/net/*", "/devices/virtual/net/lo")]
    [InlineData("**net**lo", "/devices/virtual/net/lo")]
    [InlineData("**a*/b*c", "xa/ba/bcc")]
    [InlineData("***", "a/b")]
    [InlineData("!lo", "eth0")]
    [InlineData("!eth*", "lo")]
    [InlineData("?😀", "x😀")]
    public void Matches(string pattern, string text) => Assert.True(Glob.Parse(pattern).Matches(text));

    [Theory]
    [InlineData("", "a")]
    [InlineData("eth0", "eth01")]
    [InlineData("eth0", "ETH0")]
    [InlineData("eth?", "eth")]
    [InlineData("?", "/")]
    [InlineData("a*c", "a/c")]
    [InlineData("[!a]", "/")]
    [InlineData("[.-0]", "/")]
    [InlineData("[a-c]", "d")]
    [InlineData("/devices/*/net/*", "/devices/pci0000:00/0000:00:01.0/net/eth0")]
    [InlineData("/devices/**/net/*", "/devices/virtual/net/lo/queues")]
    [InlineData("!eth*", "eth0")]
    [InlineData("eth.", "eth0")]
    public void Does_not_match(string pattern, string text) => Assert.False(Glob.Parse(pattern).Matches(text));

    [Theory]
    [InlineData("/dev/*", "/dev/disk/by-id/x", true)]
    [InlineData("a*c", "a/b/c", true)]
    [InlineData("a?c", "a/c", true)]
    [InlineData("a[!b]c", "a/c", true)]
    [InlineData("a[/]c", "a/c", true)]
    [InlineData("*a*b*", "/a/b/", true)]
    [InlineData("!*/*", "a/b", false)]
    [InlineData("!*/*", "ab", true)]
    [InlineData("a*c", "a/b", false)]
    [InlineData("QEMU *", "QEMU NVMe Ctrl     ", true)]
    [InlineData("*Ctrl", "QEMU NVMe Ctrl   \n", true)]
    [InlineData("okay", "okay\0", true)]
    [InlineData("okay ", "okay", true)]
    [InlineData("!okay ", "okay\0", false)]
    [InlineData("?*", "\0\0", false)]
    [InlineData("*[0-9]", "disk 7  ", true)]
    public void In_a_value_a_slash_is_an_ordinary_character_and_padding_does_not_count(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Glob.Parse(pattern, GlobSubject.Value).Matches(text));

    [Fact]
    public void A_missing_text_matches_only_a_negated_pattern()
    {
        Assert.False(Glob.Parse("*").Matches(null));
        Assert.True(Glob.Parse("!vfio-pci").Matches(null));
    }

    [Theory]
    [InlineData("a[", "'[' has no ']'")]
    [InlineData("a[b", "'[' has no ']'")]
    [InlineData("a[]", "'[' has no ']'")]
    [InlineData("a[!]", "'[' has no ']'")]
    [InlineData("[a][b", "'[' has no ']'")]
    [InlineData("!", "'!' needs a pattern after it")]
    [InlineData("[z-a]", "the range 'z-a' is empty")]
    [InlineData("[!0-9z-a]", "the range 'z-a' is empty")]
    public void Refuses(string pattern, string message)
    {
        Assert.False(Glob.TryParse(pattern, out _, out var error));
        Assert.Equal(message, error);
        Assert.Throws<FormatException>(() => Glob.Parse(pattern));
    }

    [Theory]
    [InlineData("eth0", 0)]
    [InlineData("eth*", 0)]
    [InlineData("/devices/**/net", 0)]
    [InlineData("[a-z]?*[0-9]", 0)]
    [InlineData("*a*", 1)]
    [InlineData("*a*a*a*a*a*a*a*a*a*a*a*", 1)]
    [InlineData("**/net/*", 1)]
    [InlineData("*0123456789012345678901234567890123456789012345678901234567890123*", 2)]
    public void A_match_costs_one_step_for_each_64_characters_of_any_pattern(string pattern, int cost) =>
        Assert.Equal(cost, Glob.Parse(pattern).Cost);

    [Fact]
    public void A_pattern_that_is_too_long_is_refused()
    {
        Assert.True(Glob.TryParse(new string('a', Glob.MaxLength), out _, out _));
        Assert.False(Glob.TryParse(new string('a', Glob.MaxLength + 1), out _, out var error));
        Assert.Equal("it is longer than 1024 characters", error);
    }

    [Fact]
    public void Random_patterns_match_what_a_regular_expression_matches()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var pattern = Random(random, ["a", "b", "/", "*", "**", "?", "[ab]", "[!a]"], 8);
            var text = Random(random, ["a", "b", "/"], 10);
            var expected = Regex.IsMatch(text, Expression(pattern), RegexOptions.Singleline);
            Assert.True(expected == Glob.Parse(pattern).Matches(text), $"pattern {pattern} text {text}: expected {expected}; {Seed.Replay(seed)}");
            var overValue = Regex.IsMatch(text, Expression(pattern).Replace("[^/]*", ".*").Replace("[^/]", ".").Replace("[^/a", "[^a"), RegexOptions.Singleline);
            Assert.True(overValue == Glob.Parse(pattern, GlobSubject.Value).Matches(text), $"over a value: pattern {pattern} text {text}: expected {overValue}; {Seed.Replay(seed)}");
            Assert.True(expected == StatesOf(pattern).Match(text), $"states: pattern {pattern} text {text}: expected {expected}; {Seed.Replay(seed)}");
            // The same where the places need several words, and where the characters are beyond ASCII.
            var (far, farText) = (new string('x', 70) + pattern, new string('x', 70) + text);
            Assert.True(expected == StatesOf(far).Match(farText), $"states: pattern {far} text {farText}: expected {expected}; {Seed.Replay(seed)}");
            Assert.True(expected == StatesOf(Strange(pattern)).Match(Strange(text)), $"states: pattern {Strange(pattern)} text {Strange(text)}: expected {expected}; {Seed.Replay(seed)}");
        }
    }

    private static GlobStates StatesOf(string pattern)
    {
        var tokens = new List<GlobToken>();
        for (var rest = pattern.AsSpan(); !rest.IsEmpty;)
        {
            Assert.Null(GlobToken.Read(ref rest, GlobSubject.Path, out var token));
            tokens.Add(token);
        }
        return new GlobStates(tokens);
    }

    private static string Strange(string text) => text.Replace('a', '\u00e4');

    private static string Random(Random random, string[] parts, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => parts[random.Next(parts.Length)]));

    private static string Expression(string pattern) =>
        "^" + Regex.Replace(Regex.Escape(pattern), @"\\\*\\\*|\\\*|\\\?|\\\[(!?)([ab]+)]", m => m.Value switch
        {
            @"\*\*" => ".*",
            @"\*" => "[^/]*",
            @"\?" => "[^/]",
            _ => m.Groups[1].Length > 0 ? $"[^/{m.Groups[2].Value}]" : $"[{m.Groups[2].Value}]",
        }) + "\\z";
}
