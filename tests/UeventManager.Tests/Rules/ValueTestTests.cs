using UeventManager.Core.Rules;

namespace UeventManager.Tests.Rules;

/// <summary>A test that passes too early announces a device that is not complete.</summary>
public sealed class ValueTestTests
{
    [Fact]
    public void A_missing_value_passes_no_test()
    {
        Assert.False(new ValueTest { EqualTo = "" }.Passes(null));
        Assert.False(new ValueTest { Matches = Glob.Parse("!x") }.Passes(null));
        Assert.False(new ValueTest { NotEmpty = true }.Passes(null));
    }

    [Theory]
    [InlineData("live", true)]
    [InlineData("Live", false)]
    [InlineData("live  \t\n", true)]
    [InlineData("live\0", true)]
    [InlineData(" live", false)]
    [InlineData("live\0x", false)]
    [InlineData("", false)]
    public void Equals_is_exact_but_for_what_pads_the_value(string value, bool passes) => Assert.Equal(passes, new ValueTest { EqualTo = "live" }.Passes(value));

    [Theory]
    [InlineData("a", true)]
    [InlineData("b", true)]
    [InlineData("c", false)]
    public void In_accepts_one_of_several_values(string value, bool passes) => Assert.Equal(passes, new ValueTest { In = ["a", "b"] }.Passes(value));

    [Theory]
    [InlineData("x", true)]
    [InlineData("", false)]
    [InlineData(" \t\n", false)]
    [InlineData("\0\0\0", false)]
    [InlineData(" \0", false)]
    public void Not_empty_wants_more_than_white_space(string value, bool passes) => Assert.Equal(passes, new ValueTest { NotEmpty = true }.Passes(value));

    [Theory]
    [InlineData("16", true)]
    [InlineData("0x10", true)]
    [InlineData("0XFF", true)]
    [InlineData(" 17\n", true)]
    [InlineData("17\0", true)]
    [InlineData("18446744073709551615", true)]
    [InlineData("0xffffffffffffffff", true)]
    [InlineData("15", false)]
    [InlineData("0xf", false)]
    [InlineData("-17", false)]
    [InlineData("", false)]
    [InlineData("0x", false)]
    [InlineData("16 kB", false)]
    [InlineData("99999999999999999999999", false)]
    public void At_least_reads_numbers_as_the_kernel_writes_them(string value, bool passes) =>
        Assert.Equal(passes, new ValueTest { AtLeast = 16 }.Passes(value));

    [Fact]
    public void A_negative_number_is_one()
    {
        Assert.True(ValueTest.TryNumber("-40", out var number));
        Assert.Equal(-40, number);
        Assert.True(new ValueTest { AtLeast = -50 }.Passes("-40"));
    }
}
