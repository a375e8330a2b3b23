using System.CommandLine;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl rules</c>: commands for rule files, without a daemon.</summary>
internal static class RulesCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var command = new Command("rules", "Check rule files, try them on a device, or print their udev rules and their JSON schema");
        command.Add(RulesCheckCommand.Build(common));
        command.Add(RulesTestCommand.Build(common));
        command.Add(RulesUdevCommand.Build(common));
        command.Add(RulesSchemaCommand.Build(common));
        return command;
    }
}
