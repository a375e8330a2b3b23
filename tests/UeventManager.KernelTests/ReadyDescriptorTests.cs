using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Supervisors that know no sd_notify(3) pass a descriptor and wait for a line on it.</summary>
public sealed class ReadyDescriptorTests
{
    [Fact]
    public void A_line_on_the_passed_descriptor_says_ready_and_the_descriptor_is_closed()
    {
        using var sandbox = Sandbox.Create();
        using var directory = new ScratchDirectory("ready");
        var file = directory.Combine("ready");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Arguments = ["--ready-fd", "7"],
            Prefix = ["sh", "-c", $"exec \"$@\" 7> {file}", "sh"],
        });
        Eventually.Holds(() => File.ReadAllText(file) == "\n", Deadline.Default, "the line on the descriptor");
        Eventually.Holds(() => new FileInfo($"/proc/{daemon.Pid}/fd/7").LinkTarget != file, Deadline.Default, "the end of the descriptor");
    }

    [Theory]
    [InlineData("7", "descriptor 7 is not open for writing")]
    [InlineData("0", "'0' is not a descriptor")]
    [InlineData("three", "'three' is not a descriptor")]
    [InlineData("", "'' is not a descriptor")]
    public void A_descriptor_that_was_not_passed_is_refused_with_its_name(string value, string message)
    {
        using var sandbox = Sandbox.Create();
        var result = sandbox.Run($"{Repository.Ueventctl} daemon --ready-fd '{value}'");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }
}
