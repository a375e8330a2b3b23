namespace UeventManager.KernelTests.Harness;

/// <summary>What a command that ended left behind.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    public IEnumerable<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>This result, if the command exited with 0; else the test fails with what the command said.</summary>
    public CommandResult Ok()
    {
        Assert.True(ExitCode == 0, $"`{Command}` exited with {ExitCode}: {Error.Trim()} {Output.Trim()}");
        return this;
    }
}
