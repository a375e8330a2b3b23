using UeventManager.Commands.Arguments;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>A file of arguments is read as the same arguments on a command line.</summary>
public sealed class ArgumentFileTests : IDisposable
{
    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("--jobs 4\n# comment\n  -- sh -c 'echo \"$ACTION\" # no comment'\n", "--jobs|4|--|sh|-c|echo \"$ACTION\" # no comment")]
    [InlineData("a 'b\nc' d", "a|b\nc|d")]
    [InlineData("\n\n# only\n", "")]
    public async Task Words_are_those_of_a_shell(string text, string words)
    {
        string file = _scratch.Write("x.conf", text);
        Assert.Equal(words, string.Join('|', await ArgumentFile.ReadAsync(file, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData("/dev/zero", "/dev/zero: longer than 64 KiB")]
    [InlineData("/tmp", "/tmp: a directory (name a file)")]
    [InlineData("", "--config: an empty path (leave the option out to give all arguments here) (see ueventctl run --help)")]
    public async Task An_endless_or_irregular_file_is_refused(string path, string said) =>
        Assert.Equal((2, $"ueventctl: {said}\n"), await CommandRun.Async("run", "--config", path) is var (status, _, error) ? (status, error) : default);

    [Fact]
    public async Task A_pipe_without_a_writer_does_not_keep_the_command_from_ending()
    {
        string pipe = _scratch.Root + "/pipe";
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await mkfifo.WaitForExitAsync(TestDeadline.Start());
            Assert.Equal(0, mkfifo.ExitCode);
        }
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<string>> reading = ArgumentFile.ReadAsync(pipe, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TestDeadline.Start()));
        // The thread that opens it is released. Open for both, so that this does not wait for a thread that has not begun.
        new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite).Dispose();
    }

    [Fact]
    public async Task A_wrong_file_is_a_wrong_command_line()
    {
        foreach ((string text, string said) in new[]
        {
            ("--filtr x -- echo", "unknown option '--filtr'"), ("--jobs 0 -- echo", "not a number from 1"), ("--jobs 2", "needs PROGRAM"), ("--json -- echo", "--json has no effect on"),
            ("-- sh -c 'echo", "a quote (') is not closed"), ("-- echo \"x", "a quote (\") is not closed"),
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
