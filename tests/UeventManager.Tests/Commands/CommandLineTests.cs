using System.CommandLine;
using UeventManager.Commands;

namespace UeventManager.Tests.Commands;

public sealed class CommandLineTests
{
    public static TheoryData<string> Each() => [.. CommandLine.Build(new MonitorSources()).Subcommands.Select(static c => c.Name)];

    [Theory]
    [MemberData(nameof(Each))]
    public void Each_command_is_built_alone_for_its_run(string name)
    {
        Command? root = CommandLine.BuildOnly(new MonitorSources(), name);
        Assert.Equal([name], root!.Subcommands.Select(static c => c.Name));
        Assert.Equal(Options(CommandLine.Build(new MonitorSources())), Options(root));
    }

    [Theory]
    [InlineData("lsit")]
    [InlineData("--help")]
    [InlineData("[suggest:5]")]
    public void What_is_no_command_is_not_built_alone(string name) => Assert.Null(CommandLine.BuildOnly(new MonitorSources(), name));

    private static IEnumerable<string> Options(Command root) => root.Options.Where(static o => o.Recursive).Select(static o => o.Name).Except(["--help"]).Order();
}
