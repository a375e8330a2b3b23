using System.CommandLine;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Commands.Verbs;

namespace UeventManager.Commands;

/// <summary>The command <c>ueventctl</c>.</summary>
internal static class CommandLine
{
    private const string NextSteps = """
        ueventctl shows devices as they become complete.

          ueventctl monitor --standalone   settled events as they come; needs no daemon and no root
          ueventctl monitor                the same from the daemon
          ueventctl list                   the devices that exist
          ueventctl info DEVICE            one of them: /dev/sda, net:eth0, a devpath
          ueventctl wait DEVICE            until it is settled; it need not exist yet
          ueventctl run -- PROGRAM         for each settled event
          ueventctl explain DEVICE         why it was announced, or not
          ueventctl status                 the daemon's health

        ueventctl --help names every command and option.
        """;

    // A device may be named @something; it is not a file of arguments.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>Builds the whole command.</summary>
    /// <returns>The root command.</returns>
    public static RootCommand Build()
    {
        var common = new CommonOptions();
        var root = new RootCommand("Devices as they become complete: settled uevents.");
        common.AddTo(root);
        root.Add(MonitorCommand.Build(common));
        root.Add(ListCommand.Build(common));
        root.Add(InfoCommand.Build(common));
        root.Add(WaitCommand.Build(common));
        root.Add(RunCommand.Build(common));
        root.Add(SettleCommand.Build(common));
        root.Add(ForwardCommand.Build(common));
        root.Add(RetellCommand.Build(common));
        root.Add(GateCommand.Build());
        root.Add(ExplainCommand.Build(common));
        root.Add(StatusCommand.Build(common));
        root.Add(ControlCommands.Release(common));
        root.Add(ControlCommands.Reload(common));
        root.Add(ControlCommands.Metrics(common));
        root.Add(CompletionCommand.Build(common));
        root.Add(DaemonCommand.Build(common));
        root.Add(TriggerCommand.Build(common));
        root.Add(RulesCommand.Build(common));
        root.Add(RecordCommand.Build(common));
        root.Add(LearnCommand.Build(common));
        root.Add(ReplayCommand.Build(common));
        root.Add(PlotCommand.Build(common));
        root.Add(HelpCommands.Help(root));
        root.Add(HelpCommands.Version(root));
        HelpCommands.NameAsHere(root);
        Configuration.NameVariables(root);
        root.SetAction(CommandRunner.Action(common, static context =>
        {
            foreach (string line in NextSteps.Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="root">The result of <see cref="Build"/>.</param>
    /// <param name="args">The arguments, without the command's name.</param>
    /// <param name="invocation">Other outputs than the console; for tests.</param>
    /// <param name="variables">An environment other than the process's; for tests.</param>
    /// <returns>The exit status.</returns>
    public static Task<int> RunAsync(
        RootCommand root, IReadOnlyList<string> args, InvocationConfiguration? invocation = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        invocation ??= new InvocationConfiguration();
        invocation.EnableDefaultExceptionHandler = false;
        invocation.ProcessTerminationTimeout = null; // It kills after two seconds; see CommandRunner for the signals.
        // The parser names the root command after the executable, and fails if a subcommand has the same name.
        if (root.Subcommands.Any(c => c.Name == root.Name))
        {
            CommandRunner.Say(invocation.Error, $"the program was started as '{root.Name}', which is the name of a command (link it under another name)");
            return Task.FromResult(ExitStatus.Usage);
        }
        if (args is [var directive, ..] && Completion.IsAsked(directive))
        {
            foreach (string candidate in Completion.Of(root, args.Count > 1 ? args[1] : ""))
                invocation.Output.WriteLine(candidate);
            return Task.FromResult(ExitStatus.Done);
        }
        ParseResult parsed = root.Parse(args, Parser);
        // Help and the version must also work in a wrong environment.
        bool isHelp = parsed.Action is System.CommandLine.Help.HelpAction;
        if ((isHelp && UsageError.UnknownCommand(parsed) is null) || root.Options.Any(o => o is VersionOption && parsed.GetResult(o) is { Implicit: false }))
        {
            OptionUse.HideUnused(parsed);
            return InvokeAsync(parsed, invocation);
        }
        string? wrong = UsageError.Find(parsed, args) ?? OptionUse.Refusal(parsed);
        if (wrong is null)
        {
            (IReadOnlyList<string> all, wrong) = Configuration.Complete(root, args, parsed, variables ?? Configuration.FromProcess());
            if (all != args)
            {
                parsed = root.Parse(all, Parser);
                wrong ??= UsageError.Find(parsed, all);
            }
        }
        if (wrong is null)
            return InvokeAsync(parsed, invocation);
        CommandRunner.Say(invocation.Error, wrong);
        return Task.FromResult(ExitStatus.Usage);
    }

    // The library writes help and the version itself, so a failure to write them is reported here.
    private static async Task<int> InvokeAsync(ParseResult parsed, InvocationConfiguration invocation)
    {
        try
        {
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CommandRunner.Say(invocation.Error, TextOutput.Unwritable(e).Message);
            return ExitStatus.Failed;
        }
    }
}
