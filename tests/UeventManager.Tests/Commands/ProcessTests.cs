using System.Diagnostics;
using System.Text;
using UeventManager.Tests.Client;
using UeventManager.Varlink;

namespace UeventManager.Tests.Commands;

/// <summary>A monitor in a pipe ends with its reader, and Ctrl-C is no failure.</summary>
public sealed class ProcessTests
{
    private readonly CancellationToken _deadline = TestDeadline.Start();

    [Fact]
    public async Task SigintEndsAMonitorQuietly()
    {
        using var daemon = new FakeDaemon(("Subscribe", FakeDaemon.Stream("""{"ready":true}""", OneEvent)));
        using Process monitor = Start($"exec '{Binary}' monitor --json --socket '{daemon.Path}'");
        Assert.Contains("veth0", await monitor.StandardOutput.ReadLineAsync(_deadline), StringComparison.Ordinal);
        using (Process kill = Process.Start("kill", ["-INT", $"{monitor.Id}"]))
            await kill.WaitForExitAsync(_deadline);
        await monitor.WaitForExitAsync(_deadline);
        Assert.Equal((0, ""), (monitor.ExitCode, await monitor.StandardError.ReadToEndAsync(_deadline)));
    }

    [Fact]
    public async Task AReaderThatGoesEndsAMonitorQuietly()
    {
        VarlinkCall? open = null;
        using var daemon = new FakeDaemon(("Subscribe", call =>
        {
            FakeDaemon.Stream("""{"ready":true}""", OneEvent)(call);
            open = call;
        }
        ));
        using Process shell = Start($"'{Binary}' monitor --socket '{daemon.Path}' | head -n 1; echo \"${{PIPESTATUS[0]}}\"");
        Assert.Contains("veth0", await shell.StandardOutput.ReadLineAsync(_deadline), StringComparison.Ordinal);
        // head may take a moment to go; until then the monitor's lines still find a reader.
        Task<string?> status = shell.StandardOutput.ReadLineAsync(_deadline).AsTask();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!status.IsCompleted)
        {
            daemon.Post(() => _ = open!.IsFinished || open.SendFrames(Encoding.UTF8.GetBytes($$"""{"parameters":{{OneEvent}},"continues":true}""" + "\0")));
            await Task.WhenAny(status, pace.WaitForNextTickAsync(_deadline).AsTask());
        }
        Assert.Equal("0", await status);
        await shell.WaitForExitAsync(_deadline);
        Assert.Equal("", await shell.StandardError.ReadToEndAsync(_deadline));
    }

    [Theory]
    [InlineData("--help", ">&-")]
    [InlineData("--help", "> /dev/full")]
    [InlineData("--version", ">&-")]
    [InlineData("rules check /dev/null", ">&-")]
    [InlineData("completion bash", ">&-")]
    [InlineData("completion bash", "> /dev/full")]
    public async Task AnUnwritableOutputIsReportedInOneLine(string args, string redirection)
    {
        using Process shell = Start($"'{Binary}' {args} {redirection}");
        await shell.WaitForExitAsync(_deadline);
        string error = await shell.StandardError.ReadToEndAsync(_deadline);
        Assert.Equal((1, 1), (shell.ExitCode, error.Count(c => c == '\n')));
        Assert.StartsWith("ueventctl: standard output: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OutputOfOthersToTheSameFileIsKept()
    {
        string file = Path.GetTempFileName();
        using Process shell = Start($"(echo before; '{Binary}'; echo after) > '{file}'");
        await shell.WaitForExitAsync(_deadline);
        string[] lines = await File.ReadAllLinesAsync(file, _deadline);
        File.Delete(file);
        Assert.Equal(("before", "after"), (lines[0], lines[^1]));
        Assert.Contains(lines, line => line.Contains("ueventctl list", StringComparison.Ordinal));
    }

    private static string OneEvent => $$"""{"events":[{{FakeDaemon.EventJson}}]}""";

    // bin/Debug/net10.0 of the tests, and the same below src/UeventManager.
    private static string Binary
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
            string root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
            string binary = Path.Combine(root, "src/UeventManager/bin", output.Parent.Name, output.Name, "linux-x64", "ueventctl");
            Assert.SkipUnless(File.Exists(binary), $"{binary} is not built");
            return binary;
        }
    }

    private static Process Start(string script) => Process.Start(
        new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
