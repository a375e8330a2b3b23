using System.CommandLine;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>An option without an effect is refused.</summary>
public sealed class OptionUseTests
{
    [Theory]
    [InlineData("reload --rules /x", "--rules has no effect on 'reload' (see ueventctl reload --help)")]
    [InlineData("--rules /x reload", "--rules has no effect on 'reload' (see ueventctl reload --help)")]
    [InlineData("list --sysfs /x", "--sysfs has no effect on 'list' (see ueventctl list --help)")]
    [InlineData("rules check --socket /x", "--socket has no effect on 'rules check' (see ueventctl rules check --help)")]
    [InlineData("completion bash --json", "--json has no effect on 'completion' (see ueventctl completion --help)")]
    [InlineData("monitor --rules /x", "--rules is for 'monitor --standalone': the daemon has its own (see ueventctl monitor --help)")]
    [InlineData("monitor --sysfs /x", "--sysfs is for 'monitor --standalone': the daemon has its own (see ueventctl monitor --help)")]
    [InlineData("daemon --json", "--json is for 'daemon --check': the log is text (see ueventctl daemon --help)")]
    [InlineData("--json", "--json needs a command (see ueventctl --help)")]
    public async Task An_option_without_effect_is_refused(string line, string message)
    {
        (int status, string output, string error) = await CommandRun.Async(line.Split(' '));
        Assert.Equal((ExitStatus.Usage, "", $"ueventctl: {message}\n"), (status, output, error));
    }

    [Theory]
    [InlineData("list --socket /nowhere/socket --json --no-color")]
    [InlineData("--socket /nowhere/socket info /x/class/net/lo --sysfs /x")]
    [InlineData("reload --socket /nowhere/socket")]
    public async Task An_option_with_effect_is_accepted(string line) =>
        Assert.Equal(ExitStatus.Unreachable, (await CommandRun.Async(line.Split(' '))).Status);

    [Fact]
    public async Task A_variable_affects_the_commands_that_use_it_and_is_accepted_by_all()
    {
        var variables = new Dictionary<string, string>
        {
            ["UEVENT_MANAGER_RULES"] = "/x",
            ["UEVENT_MANAGER_SYSFS"] = "/x",
            ["UEVENT_MANAGER_SOCKET"] = "/nowhere/socket",
            ["UEVENT_MANAGER_JSON"] = "yes",
        };
        foreach (string line in (string[])["reload", "monitor", "list"])
        {
            var error = new StringWriter();
            var invocation = new InvocationConfiguration { Output = new StreamWriter(new MemoryStream()), Error = error };
            Assert.Equal(ExitStatus.Unreachable, await CommandLine.RunAsync(CommandLine.Build(), [line], invocation, variables));
        }
    }

    [Fact]
    public async Task Help_lists_what_a_command_has_a_use_for_with_its_variable()
    {
        foreach ((string name, Command command) in All(CommandLine.Build(), ""))
        {
            (int status, string help, _) = await CommandRun.Async([.. name.Split(' '), "--help"]);
            Assert.Equal(ExitStatus.Done, status);
            // The usage line names an argument by its name, so the list below it must too.
            Assert.All(command.Arguments, static argument => Assert.Null(argument.HelpName));
            RootCommand root = CommandLine.Build();
            foreach (Option option in root.Options.Where(o => o.Recursive && !o.Name.Contains("help", StringComparison.Ordinal)))
            {
                Assert.True(OptionUse.IsOf(command, option) == help.Contains($"  {option.Name} ", StringComparison.Ordinal), $"{name} {option.Name}: {help}");
                Assert.Equal(OptionUse.IsOf(command, option), help.Contains($"[{Configuration.VariableOf(option.Name)}]", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task The_help_of_the_daemon_names_the_variable_of_each_of_its_options()
    {
        (_, string help, _) = await CommandRun.Async("daemon", "--help");
        RootCommand root = CommandLine.Build();
        foreach ((string variable, (Command command, Option option)) in Configuration.Table(root).Select(one => (one.Key, one.Value)))
            Assert.True(help.Contains($"[{variable}]", StringComparison.Ordinal) == (command is not RootCommand || option.Name != "--no-color"), variable);
        Assert.DoesNotContain("UEVENT_MANAGER_CHECK", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_without_its_value_is_a_wrong_command_line()
    {
        int tried = 0;
        foreach ((string name, Command command) in All(CommandLine.Build(), ""))
        {
            foreach (Option option in command.Options.Where(static o => o.Arity.MinimumNumberOfValues > 0))
            {
                string[] begin = name.Split(' ');
                foreach (string[] line in (string[][])[[.. begin, option.Name], [.. begin, "net:lo", option.Name], [.. begin, "net:lo", option.Name, "a=b", option.Name]])
                {
                    (int status, _, string error) = await CommandRun.Async(line);
                    Assert.True((status, error.Count(static c => c == '\n')) == (ExitStatus.Usage, 1), $"{string.Join(' ', line)}: {status} {error}");
                    Assert.StartsWith("ueventctl: ", error, StringComparison.Ordinal);
                    tried++;
                }
            }
        }
        Assert.InRange(tried, 200, int.MaxValue);
    }

    private static IEnumerable<(string Name, Command Command)> All(Command parent, string prefix) => parent.Subcommands
        .Where(static c => !c.Hidden)
        .SelectMany(c => new[] { (prefix + c.Name, c) }.Concat(All(c, prefix + c.Name + " ")));
}
