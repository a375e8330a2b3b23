using System.CommandLine;
using UeventManager.Commands.Arguments;
using UeventManager.RuleFiles;
using UeventManager.Udev;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl rules udev</c>: prints the udev rules that shut the gates of our rules.</summary>
internal static class RulesUdevCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var gate = RetellCommand.Gate();
        var command = new Command("udev", "Print the udev rules that shut the gates of these rules; ueventctl retell installs them") { gate };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            var directories = context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories;
            if (RetellCommand.Load(directories, context.Say) is not { } rules)
                return Task.FromResult(ExitStatus.Failed);
            foreach (string line in GateRules.Of(rules, context.Parsed.GetValue(gate)!, RetellCommand.Program()).TrimEnd('\n').Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return command;
    }
}
