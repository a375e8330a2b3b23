using System.Diagnostics;
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

    [Fact]
    public void What_is_not_there_matches_only_a_negated_pattern()
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
    [InlineData("**a*", 2_000)]
    [InlineData("**a*a**a*", 1_000)]
    [InlineData("*a*a*a*a*a*a*a*a*a*a*a*", 0)]
    [InlineData("**a**a**a**a**a**a**a**", 0)]
    [InlineData("**[a-z]*", 1_000)]
    public void A_pattern_made_to_be_slow_is_not(string start, int tail)
    {
        // Filters come from anybody who may connect: one of them must not stop the engine.
        var glob = Glob.Parse(start + new string('a', tail) + "b");
        var text = new string('a', 4_000);
        var watch = Stopwatch.StartNew();
        Assert.False(glob.Matches(text));
        Assert.True(glob.Matches(text + "b"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"took {watch.Elapsed}");
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
            Assert.True(expected == GlobStates.Match(pattern, text), $"states: pattern {pattern} text {text}: expected {expected}; {Seed.Replay(seed)}");
        }
    }

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
