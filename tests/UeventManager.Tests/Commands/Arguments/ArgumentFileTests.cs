using UeventManager.Commands.Arguments;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>What a unit runs is written in a file, as it would be typed.</summary>
public sealed class ArgumentFileTests : IDisposable
{
    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("--jobs 4\n# comment\n  -- sh -c 'echo \"$ACTION\" # no comment'\n", "--jobs|4|--|sh|-c|echo \"$ACTION\" # no comment")]
    [InlineData("a 'b\nc' d", "a|b\nc|d")]
    [InlineData("\n\n# only\n", "")]
    public void Words_are_those_of_a_shell(string text, string words)
    {
        string file = _scratch.Write("x.conf", text);
        Assert.Equal(words, string.Join('|', ArgumentFile.Read(file)));
    }

    [Fact]
    public async Task A_wrong_file_is_a_wrong_command_line()
    {
        foreach ((string text, string said) in new[]
        {
            ("--filtr x -- echo", "unknown option '--filtr'"), ("--jobs 0 -- echo", "no number from 1"), ("--jobs 2", "needs PROGRAM"), ("--json -- echo", "has no use for --json"),
        })
        {
            string file = _scratch.Write("x.conf", text);
            (int status, _, string error) = await CommandRun.Async("run", "--config", file);
            Assert.Equal(2, status);
            Assert.StartsWith($"ueventctl: {file}: ", error, StringComparison.Ordinal);
            Assert.Contains(said, error, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await CommandRun.Async("run", "--config", _scratch.Root + "/nowhere")).Status);
    }
}
