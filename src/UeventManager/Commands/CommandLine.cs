using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands;

/// <summary>The command <c>ueventctl</c>.</summary>
public static class CommandLine
{
    private const string NextSteps = """
        ueventctl shows devices as they become complete.

          ueventctl monitor --standalone   settled events as they come; needs no daemon and no root
          ueventctl monitor                the same from the daemon
          ueventctl list                   the devices that exist
          ueventctl info DEVICE            one of them: /dev/sda, net:eth0, a devpath
          ueventctl wait DEVICE            until it is settled; it need not exist yet
          ueventctl explain DEVICE         why it has come, or has not
          ueventctl status                 how the daemon is

        ueventctl --help names every command and option.
        """;

    /// <summary>Builds the whole command.</summary>
    /// <param name="sources">Where <c>monitor</c> has its events from besides the daemon.</param>
    /// <param name="more">Builders of further commands.</param>
    /// <returns>The root command.</returns>
    public static RootCommand Build(MonitorSources sources, params ReadOnlySpan<Func<CommonOptions, Command>> more)
    {
        var common = new CommonOptions();
        var root = new RootCommand("Devices as they become complete: settled uevents.");
        common.AddTo(root);
        root.Add(MonitorCommand.Build(common, sources));
        root.Add(ListCommand.Build(common));
        root.Add(InfoCommand.Build(common));
        root.Add(WaitCommand.Build(common));
        root.Add(SettleCommand.Build(common));
        root.Add(ExplainCommand.Build(common));
        root.Add(StatusCommand.Build(common));
        root.Add(ControlCommands.Release(common));
        root.Add(ControlCommands.Reload(common));
        root.Add(ControlCommands.Metrics(common));
        root.Add(CompletionCommand.Build(common));
        foreach (Func<CommonOptions, Command> build in more)
            root.Add(build(common));
        root.SetAction(CommandRunner.Action(common, static context =>
        {
            foreach (string line in NextSteps.Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="root">What <see cref="Build"/> built.</param>
    /// <param name="args">The arguments, without the command's name.</param>
    /// <param name="invocation">Other places for output than the console's; for tests.</param>
    /// <param name="variables">Another environment than the process's; for tests.</param>
    /// <returns>The exit status.</returns>
    public static Task<int> RunAsync(
        RootCommand root, IReadOnlyList<string> args, InvocationConfiguration? invocation = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        invocation ??= new InvocationConfiguration();
        invocation.EnableDefaultExceptionHandler = false;
        invocation.ProcessTerminationTimeout = null; // It kills after two seconds; see CommandRunner for the signals.
        // A device may be named @something; it is no file of arguments.
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parsed = root.Parse(args, parser);
        // Help and the version are for those, too, whose environment is wrong.
        if (parsed.Action is System.CommandLine.Help.HelpAction || root.Options.Any(o => o is VersionOption && parsed.GetResult(o) is { Implicit: false }))
            return parsed.InvokeAsync(invocation);
        string? wrong = null;
        if (parsed.Errors.Count == 0)
        {
            (IReadOnlyList<string> all, wrong) = Configuration.Complete(root, args, parsed, variables ?? Configuration.FromProcess());
            if (all != args)
                parsed = root.Parse(all, parser);
        }
        if (parsed.Errors.Count == 0 && wrong is null)
            return parsed.InvokeAsync(invocation);
        CommandRunner.Say(invocation.Error, wrong ?? Explain(parsed));
        return Task.FromResult(ExitStatus.Usage);
    }

    private static string Explain(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string help = command is RootCommand ? "ueventctl --help" : $"ueventctl {command.Name} --help";
        if (parsed.UnmatchedTokens.Count == 0)
            return $"{FirstError(parsed)} (see {help})";
        string token = parsed.UnmatchedTokens[0];
        if (token.StartsWith('-'))
            return $"unknown option '{token}' ({Suggest(token, OptionsOf(parsed.CommandResult), help)})";
        return command.Subcommands.Count > 0
            ? $"unknown command '{token}' ({Suggest(token, command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name), help)})"
            : $"unexpected argument '{token}' (see {help})";
    }

    private static string FirstError(ParseResult parsed)
    {
        // The library's lists of what is known have lines of their own; an error is one line.
        string message = string.Join(' ', parsed.Errors[0].Message.TrimEnd('.').Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return message.Length == 0 ? "the command line is wrong" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static string Suggest(string word, IEnumerable<string> known, string help) =>
        Nearest.To(word, known) is { } near ? $"did you mean '{near}'?" : $"see {help}";

    private static IEnumerable<string> OptionsOf(CommandResult? result)
    {
        for (; result is not null; result = result.Parent as CommandResult)
        {
            foreach (Option option in result.Command.Options)
                yield return option.Name;
        }
    }
}
