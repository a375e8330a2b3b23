using UeventManager.Core.Rules;

namespace UeventManager.Tests.Rules;

/// <summary>A duration that is read wrongly makes a device wait too long, or not at all.</summary>
public sealed class DurationTests
{
    [Theory]
    [InlineData("1us", 1)]
    [InlineData("50ms", 50_000)]
    [InlineData("5s", 5_000_000)]
    [InlineData("1.5s", 1_500_000)]
    [InlineData(".5s", 500_000)]
    [InlineData("0.1ms", 100)]
    [InlineData("2min", 120_000_000)]
    [InlineData("2m", 120_000_000)]
    [InlineData("1h", 3_600_000_000)]
    [InlineData("0s", 0)]
    public void Reads(string text, long usec)
    {
        Assert.True(Duration.TryParse(text, out var read));
        Assert.Equal(usec, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData("5 s")]
    [InlineData(" 5s")]
    [InlineData("5s ")]
    [InlineData("5S")]
    [InlineData("5sec")]
    [InlineData("1,5s")]
    [InlineData("1e3s")]
    [InlineData("0x5s")]
    [InlineData("NaNs")]
    [InlineData("Infinitys")]
    [InlineData("-Infinitys")]
    [InlineData("∞s")]
    [InlineData("99999999999999999999s")]
    [InlineData("1.2.3s")]
    public void Refuses(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("5", "did you mean '5ms' or '5s'?")]
    [InlineData("5 sec", "did you mean '5s'?")]
    [InlineData("0s", null)]
    [InlineData("5min", null)]
    public void A_probably_mistaken_duration_gets_a_hint(string text, string? hint) => Assert.Equal(hint, Duration.Hint(text));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1us")]
    [InlineData(1_500, "1500us")]
    [InlineData(50_000, "50ms")]
    [InlineData(1_500_000, "1500ms")]
    [InlineData(5_000_000, "5s")]
    [InlineData(90_000_000, "90s")]
    [InlineData(120_000_000, "2min")]
    public void Writes_what_it_reads(long usec, string text)
    {
        Assert.Equal(text, Duration.Format(usec));
        Assert.True(Duration.TryParse(text, out var read));
        Assert.Equal(usec, read);
    }

    [Theory]
    [InlineData("5", 5_000_000)]
    [InlineData("0.5", 500_000)]
    [InlineData("0", 0)]
    [InlineData("5ms", 5_000)]
    public void A_plain_number_in_an_option_means_seconds(string text, long usec)
    {
        Assert.True(Duration.TryParseOption(text, out var read));
        Assert.Equal(usec, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-5")]
    [InlineData("5 s")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    public void Other_texts_are_refused_in_an_option(string text) => Assert.False(Duration.TryParseOption(text, out _));
}
