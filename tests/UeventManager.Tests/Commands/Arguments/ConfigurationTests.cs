using System.CommandLine;
using System.Text;
using UeventManager.Commands;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>A misspelt line in /etc/default/uevent-manager must not be ignored silently.</summary>
public sealed class ConfigurationTests
{
    private const string Nowhere = "/nowhere/socket: no such socket";

    [Theory]
    [InlineData("UEVENT_MANAGER_SOKET", "/x", "unknown variable UEVENT_MANAGER_SOKET in the environment (did you mean UEVENT_MANAGER_SOCKET?)")]
    [InlineData("UEVENT_MANAGER_XYZZY", "1", "unknown variable UEVENT_MANAGER_XYZZY in the environment (see ENVIRONMENT in ueventctl(1))")]
    [InlineData("UEVENT_MANAGER_DEBUG", "on", "UEVENT_MANAGER_DEBUG: 'on' is neither yes nor no")]
    [InlineData("UEVENT_MANAGER_CHECK", "yes", "unknown variable UEVENT_MANAGER_CHECK in the environment (see ENVIRONMENT in ueventctl(1))")]
    public async Task AWrongEnvironmentIsRefusedByEveryCommand(string variable, string value, string message)
    {
        (int status, string output, string error) = await RunAsync("list", variable, value);
        Assert.Equal((ExitStatus.Usage, "", $"ueventctl: {message}\n"), (status, output, error));
        Assert.Equal(ExitStatus.Usage, (await RunAsync("daemon --check", variable, value)).Status);
    }

    [Fact]
    public async Task HelpIsForThoseTooWhoseEnvironmentIsWrong() =>
        Assert.Equal(ExitStatus.Done, (await RunAsync("--help", "UEVENT_MANAGER_SOKET", "x")).Status);

    [Fact]
    public async Task AVariableIsAsGoodAsItsOptionAndTheCommandLineWins()
    {
        Assert.Contains(Nowhere, (await RunAsync("list", "UEVENT_MANAGER_SOCKET", "/nowhere/socket")).Error, StringComparison.Ordinal);
        Assert.Contains(Nowhere, (await RunAsync("list --socket /nowhere/socket", "UEVENT_MANAGER_SOCKET", "/else")).Error, StringComparison.Ordinal);
        // What is the daemon's own is known to every command and means nothing to the others.
        Assert.Contains(Nowhere, (await RunAsync("list --socket /nowhere/socket", "UEVENT_MANAGER_SOCKET_MODE", "0660")).Error, StringComparison.Ordinal);
        Assert.Contains("'9' is not a mode", (await RunAsync("daemon --check", "UEVENT_MANAGER_SOCKET_MODE", "9")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACheckSaysAllThatIsWrongAtOnce()
    {
        string directory = Directory.CreateTempSubdirectory("uem-check").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "10-bad.yaml"), "version: 2\nsubsystem: net\nrules: []\n", TestContext.Current.CancellationToken);
        (int status, string output, _) = await RunAsync($"daemon --check --sysfs /nowhere --socket {directory}/socket", "UEVENT_MANAGER_RULES", directory);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains($"NO  rules    {directory}/10-bad.yaml:1:10: ", output, StringComparison.Ordinal);
        Assert.Contains("NO  sysfs    ", output, StringComparison.Ordinal);
        Assert.Contains($"ok  socket   {directory}/socket\n", output, StringComparison.Ordinal);
        Assert.Equal(["10-bad.yaml"], Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName));
        File.Delete(Path.Combine(directory, "10-bad.yaml"));
        (_, output, _) = await RunAsync($"daemon --check --sysfs {directory} --socket {directory}/socket --rules {ShippedRules.Folder}", "UEVENT_MANAGER_DEBUG", "no");
        Assert.DoesNotContain("NO  rules", output, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
        (_, output, _) = await RunAsync("daemon --check --socket /proc/no/socket", "UEVENT_MANAGER_DEBUG", "no");
        string refused = Assert.Single(output.Split('\n'), line => line.StartsWith("NO  socket   ", StringComparison.Ordinal));
        Assert.StartsWith("NO  socket   /proc/no/socket: nothing can be created in /proc: ", refused, StringComparison.Ordinal);
        Assert.DoesNotContain(".uevent-manager", refused, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(string args, string variable, string value)
    {
        var output = new MemoryStream();
        var error = new StringWriter();
        RootCommand root = CommandLine.Build();
        var invocation = new InvocationConfiguration { Output = new StreamWriter(output), Error = error };
        int status = await CommandLine.RunAsync(root, args.Split(' '), invocation, new Dictionary<string, string> { [variable] = value });
        return (status, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
