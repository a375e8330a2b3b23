using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>A wrong suggestion is worse than the list of allowed words.</summary>
public sealed class SuggestionTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("exists", "exists", 0)]
    [InlineData("exsits", "exists", 1)]
    [InlineData("atributes", "attributes", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestWord.Distance(a, b));
        Assert.Equal(distance, NearestWord.Distance(b, a));
    }

    [Theory]
    [InlineData("atLest", "atLeast")]
    [InlineData("ATLEAST", "atLeast")]
    [InlineData("macthes", "matches")]
    [InlineData("i", "in")]
    [InlineData("zebra", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void Nearest(string word, string? nearest) => Assert.Equal(nearest, Suggestion.Nearest(word, ["equals", "in", "matches", "atLeast"]));

    [Fact]
    public void A_long_word_costs_nothing() => Assert.Null(Suggestion.Nearest(new string('e', 100_000), ["equals"]));
}
