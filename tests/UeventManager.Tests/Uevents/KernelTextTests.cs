using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>A value that is not UTF-8 must neither be lost nor break the JSON of a subscriber.</summary>
public sealed class KernelTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("61C3A9F09F9880", "aé😀")]
    [InlineData("FF", @"\xff")]
    [InlineData("61FF62", @"a\xffb")]
    [InlineData("C3", @"\xc3")]
    [InlineData("E282", @"\xe2\x82")]
    [InlineData("C0AF", @"\xc0\xaf")]
    [InlineData("EDA080", @"\xed\xa0\x80")]
    [InlineData("F09F98C3A9", @"\xf0\x9f\x98é")]
    [InlineData("00", "\0")]
    public void Keeps_what_is_UTF8_and_spells_out_what_is_not(string hex, string text) =>
        Assert.Equal(text, KernelText.Decode(Convert.FromHexString(hex)));
}
