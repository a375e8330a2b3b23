using UeventManager.Core.Rules;

namespace UeventManager.Tests.Rules;

/// <summary>A rule that can be reached must never be called unreachable.</summary>
public sealed class GlobInclusionTests
{
    private static readonly GlobDomain Anything = new(HasSlash: true, IsAlwaysThere: false);
    private static readonly GlobDomain Names = new(HasSlash: false, IsAlwaysThere: true);

    [Theory]
    [InlineData("*", "eth0")]
    [InlineData("**", "a/b*")]
    [InlineData("eth*", "eth[0-9]")]
    [InlineData("eth*", "eth*")]
    [InlineData("e*0", "eth*0")]
    [InlineData("[a-z]*", "[c-e]?x")]
    [InlineData("[!x]*", "a*")]
    [InlineData("/devices/**", "/devices/*/net/*")]
    [InlineData("?*", "a*")]
    [InlineData("!lo", "eth*")]
    [InlineData("!eth0", "!eth*")]
    [InlineData("**a**", "*a?b")]
    public void Covers(string wider, string narrower) => Assert.True(GlobInclusion.Covers(Glob.Parse(wider), Glob.Parse(narrower), Anything));

    [Theory]
    [InlineData("*", "**")]
    [InlineData("*", "a/b")]
    [InlineData("a?*", "a/*")]
    [InlineData("a[!x]c", "a/c")]
    [InlineData("QEMU*", "QEMU NVMe  ")]
    [InlineData("!a*", "!a/b*", false)]
    [InlineData("a*b", "*b", false)]
    public void Covers_over_values(string wider, string narrower, bool covers = true) =>
        Assert.Equal(covers, GlobInclusion.Covers(Glob.Parse(wider, GlobSubject.Value), Glob.Parse(narrower, GlobSubject.Value), Anything));

    [Theory]
    [InlineData("*", "**")]
    [InlineData("*", "!x")]
    [InlineData("eth0", "eth*")]
    [InlineData("eth[0-8]", "eth[0-9]")]
    [InlineData("[!x]*", "[a-z]*")]
    [InlineData("?*", "*")]
    [InlineData("!lo", "l*")]
    [InlineData("!eth*", "!eth0")]
    [InlineData("/devices/*", "/devices/**")]
    [InlineData("*a*b*", "*b*a*")]
    public void Does_not_cover(string wider, string narrower) => Assert.False(GlobInclusion.Covers(Glob.Parse(wider), Glob.Parse(narrower), Anything));

    [Theory]
    [InlineData("*", "**")]
    [InlineData("?*", "*")]
    [InlineData("*", "!lo")]
    public void Covers_names_which_have_no_slash_and_are_never_empty(string wider, string narrower) =>
        Assert.True(GlobInclusion.Covers(Glob.Parse(wider), Glob.Parse(narrower), Names));

    [Fact]
    public void Texts_matched_by_a_covered_glob_are_matched_by_the_covering_one()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        string[] parts = ["a", "b", "/", "*", "**", "?", "[ab]", "[!a]"];
        string[] letters = ["a", "b", "/", "c"];
        var texts = Enumerable.Range(0, 5).SelectMany(length => Words(letters, length)).ToList();
        var covered = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var (wider, narrower) = (RandomGlob(random, parts), RandomGlob(random, parts));
            var covers = GlobInclusion.Covers(wider, narrower, Anything);
            var witness = texts.Find(text => narrower.Matches(text) && !wider.Matches(text)) ?? (narrower.Matches((string?)null) && !wider.Matches((string?)null) ? "(missing)" : null);
            Assert.False(covers && witness is not null, $"{wider} covers {narrower}, but not '{witness}'; {Seed.Replay(seed)}");
            // Patterns of three parts differ in texts of four letters, if they do.
            Assert.True(covers || witness is not null, $"{wider} does not cover {narrower}, but nothing shows it; {Seed.Replay(seed)}");
            covered += covers ? 1 : 0;
        }
        Assert.InRange(covered, 100, 1_900);
    }

    [Fact]
    public void A_pattern_that_is_too_long_to_be_compared_covers_only_itself()
    {
        var (one, other) = (Glob.Parse(new string('a', 200) + "*"), Glob.Parse(new string('a', 201) + "*"));
        Assert.True(GlobInclusion.Covers(one, one, Anything));
        Assert.False(GlobInclusion.Covers(one, other, Anything));
    }

    private static Glob RandomGlob(Random random, string[] parts) =>
        Glob.Parse((random.Next(4) == 0 ? "!" : "") + "a/b*?"[random.Next(5)] + string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => parts[random.Next(parts.Length)])));

    private static IEnumerable<string> Words(string[] letters, int length) =>
        length == 0 ? [""] : Words(letters, length - 1).SelectMany(word => letters.Select(letter => word + letter));
}
