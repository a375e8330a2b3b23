using System.CommandLine;
using UeventManager.RuleFiles;

namespace UeventManager.Commands;

/// <summary><c>ueventctl rules check</c>: every mistake of every file.</summary>
internal static class RulesCheckCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.ZeroOrMore, Description = "Rule files or directories (default: those in force)" };
        var command = new Command("check", "Say what is wrong in rule files; exit 1 if anything is") { paths };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            var given = context.Parsed.GetValue(paths) ?? [];
            var loaded = given.Length > 0 ? RuleLoader.LoadPaths(given)
                : RuleLoader.Load(context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories);
            foreach (var problem in loaded.Problems)
            {
                if (context.Settings.Json)
                    context.Output.Line(Json(problem));
                else
                    context.Output.Line(problem.ToString());
            }
            if (loaded.Problems.Count == 0 && !context.Settings.Json)
                context.Output.Line($"{Counted.Of(loaded.Rules.Count, "rule")} in {Counted.Of(loaded.Files.Count, "file")}, no mistake");
            return Task.FromResult(loaded.Problems.Count == 0 ? ExitStatus.Done : ExitStatus.Failed);
        }));
        return command;
    }

    private static byte[] Json(RuleProblem problem) => JsonLine.Object(json =>
    {
        json.WriteString("file"u8, problem.File);
        json.WriteNumber("line"u8, problem.Line);
        json.WriteNumber("column"u8, problem.Column);
        json.WriteString("message"u8, problem.Message);
    });
}
