namespace UeventManager.Tests.Commands.Verbs;

/// <summary>Wrong command lines of <c>retell</c> and <c>rules udev</c> are refused before anything changes.</summary>
public sealed class RetellLineTests
{
    [Theory]
    [InlineData("--gate", "", "give an absolute path")]
    [InlineData("--gate", "gate", "give an absolute path")]
    [InlineData("--gate", "/run/", "give an absolute path")]
    [InlineData("--gate", "/run/a\"b", "without quotes")]
    [InlineData("--gate", "/run/a'b", "without quotes")]
    [InlineData("--gate", "/run/a\\b", "without quotes")]
    [InlineData("--gate", "/run/a\nb", "without quotes")]
    [InlineData("--gate", "/run/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "longer than 100 bytes")]
    public async Task A_gate_is_a_path_that_udevs_rules_and_a_socket_can_have(string option, string value, string expected)
    {
        foreach (string[] command in (string[][])[["retell"], ["rules", "udev"]])
        {
            var (status, output, error) = await CommandRun.Async([.. command, option, value]);
            Assert.Equal((2, ""), (status, output));
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--rate", "5")]
    [InlineData("--no-gates", null)]
    public async Task An_option_without_effect_on_open_is_refused(string option, string? value)
    {
        var (status, _, error) = await CommandRun.Async(["retell", "--open", option, .. value is null ? Array.Empty<string>() : [value]]);
        Assert.Equal(2, status);
        Assert.Contains($"{option} has no effect on 'retell --open'", error, StringComparison.Ordinal);
    }
}
