using System.CommandLine;
using System.CommandLine.Help;
using UeventManager.Nats;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Fleet;

/// <summary>The manual page of <c>uevent-nats</c> names every command and every option.</summary>
public sealed class NatsManualTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(SourceTree.Root, "packaging/man/uevent-nats.1")).Replace("\\-", "-", StringComparison.Ordinal);

    [Fact]
    public void The_manual_names_every_command_and_option()
    {
        RootCommand root = NatsCommandLine.Build();
        string[] missing = [.. root.Subcommands.Select(static command => command.Name).Where(static name => !s_page.Contains($".B {name}\n", StringComparison.Ordinal)),
            .. root.Subcommands.SelectMany(static command => command.Options).Where(static option => option is not HelpOption).Select(static option => option.Name).Distinct().Where(static name => !s_page.Contains(name, StringComparison.Ordinal))];
        Assert.Empty(missing);
    }

    [Fact]
    public void The_manual_names_every_variable_that_help_names()
    {
        string[] named = [.. NatsCommandLine.Build().Subcommands.SelectMany(static command => command.Options)
            .SelectMany(static option => (option.Description ?? "").Split('[', ']', ',', ' ')).Where(static word => word.StartsWith("NATS_", StringComparison.Ordinal) || word.StartsWith("UEVENT_", StringComparison.Ordinal)).Distinct()];
        Assert.Contains("NATS_URL", named);
        Assert.All(named, static variable => Assert.Contains(variable, s_page, StringComparison.Ordinal));
    }
}
