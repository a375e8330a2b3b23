using System.CommandLine;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Verbs;
using UeventManager.Nats.Verbs;

namespace UeventManager.Nats;

/// <summary>The command <c>uevent-nats</c>.</summary>
internal static class NatsCommandLine
{
    private const string NextSteps = """
        uevent-nats shows the devices of many hosts, as they become complete.

          uevent-nats setup       make or check the stream on the broker
          uevent-nats publish     speak for this host; a service does that
          uevent-nats list        the devices of all hosts
          uevent-nats monitor     what happens on them
          uevent-nats status      the hosts, and which are stale
          uevent-nats wait        until so many devices are there

        uevent-nats --help names every command and option.
        """;

    private static readonly ParserConfiguration s_parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>Builds the whole command.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("Settled uevents of many hosts, on NATS JetStream.");
        root.Add(SetupCommand.Build());
        root.Add(PublishCommand.Build());
        root.Add(FleetListCommand.Build());
        root.Add(FleetMonitorCommand.Build());
        root.Add(FleetWaitCommand.Build());
        root.Add(FleetStatusCommand.Build());
        root.Add(PruneCommand.Build());
        root.Add(CompletionCommand.Build(static _ => new CommonSettings()));
        HelpCommands.NameAsHere(root);
        root.SetAction(CommandRunner.Action(static _ => new CommonSettings(), static context =>
        {
            foreach (string line in NextSteps.Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return root;
    }

    /// <summary>Runs a command line.</summary>
    public static Task<int> RunAsync(RootCommand root, IReadOnlyList<string> args, InvocationConfiguration? invocation = null)
    {
        invocation ??= new InvocationConfiguration();
        invocation.EnableDefaultExceptionHandler = false;
        invocation.ProcessTerminationTimeout = null;
        if (args is [var directive, ..] && Completion.IsAsked(directive))
        {
            foreach (string candidate in Completion.Of(root, args.Count > 1 ? args[1] : ""))
                invocation.Output.WriteLine(candidate);
            return Task.FromResult(ExitStatus.Done);
        }
        ParseResult parsed = root.Parse(args, s_parser);
        bool isHelp = parsed.Action is System.CommandLine.Help.HelpAction || root.Options.Any(o => o is VersionOption && parsed.GetResult(o) is { Implicit: false });
        if (!isHelp && UsageError.Find(parsed, args) is { } wrong)
        {
            CommandRunner.Say(invocation.Error, wrong);
            return Task.FromResult(ExitStatus.Usage);
        }
        return parsed.InvokeAsync(invocation);
    }
}
