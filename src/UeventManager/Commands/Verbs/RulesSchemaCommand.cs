using System.CommandLine;
using UeventManager.Commands.Arguments;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl rules schema</c>: prints the rule language as a JSON schema, with which editors complete and check rule files.</summary>
internal static class RulesSchemaCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var command = new Command("schema", "Print a JSON schema of rule files, for editors");
        command.SetAction(CommandRunner.Action(common, static context =>
        {
            foreach (string line in RuleSchemaDocument.Text().Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return command;
    }
}
