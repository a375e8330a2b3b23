using System.CommandLine;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Daemon;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl rules check</c>: every error of every file, and rules that are never in force.</summary>
internal static class RulesCheckCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.ZeroOrMore, Description = "Rule files or directories [default: those in force]" };
        paths.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("an empty path (name a file or a directory)");
        });
        var command = new Command("check", "Report every mistake in rule files; exit with 1 if there is one") { paths };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            var given = context.Parsed.GetValue(paths) ?? [];
            var inForce = context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories;
            var loaded = given.Length > 0 ? RuleLoader.LoadPaths(given) : RuleLoader.Load(inForce);
            List<RuleProblem> found = [.. loaded.Problems, .. RuleLoader.Warnings(loaded.Rules), .. loaded.Ignored];
            if (given.Length > 0)
                found.AddRange(AmongTheOthers(loaded, found, RuleLoader.Load(inForce)));
            foreach (var problem in found)
            {
                if (context.Settings.Json)
                    context.Output.Line(Json(problem));
                else
                    context.Output.Line(problem.ToString());
            }
            var warnings = found.Count(problem => problem.IsWarning);
            if (warnings < found.Count)
                return Task.FromResult(ExitStatus.Failed);
            if (given.Length == 0 && loaded.Rules.Count == 0 && !context.Settings.Json)
                context.Output.Line($"no rule in {RuleDirectories.Searched(inForce)} ({RuleDirectories.Remedy})");
            else if (!context.Settings.Json)
                context.Output.Line($"{Counted.Of(loaded.Rules.Count, "rule")} in {Counted.Of(loaded.Files.Count, "file")}, no mistake{(warnings > 0 ? $", {Counted.Of(warnings, "warning")}" : "")}");
            return Task.FromResult(ExitStatus.Done);
        }));
        return command;
    }

    // The problem of a file in force may involve another file: a rule of the same name, or one that takes all its devices.
    private static IEnumerable<RuleProblem> AmongTheOthers(RuleLoad loaded, List<RuleProblem> known, RuleLoad inForce)
    {
        var given = loaded.Files.Concat(loaded.LeftOut).Where(file => file.Length > 0).Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        var places = known.Select(Place).ToHashSet();
        return inForce.Problems.Concat(RuleLoader.Warnings(inForce.Rules)).Where(problem => given.Contains(Path.GetFullPath(problem.File)) && places.Add(Place(problem)));
    }

    private static (string, int, int) Place(RuleProblem problem) => (problem.File.Length > 0 ? Path.GetFullPath(problem.File) : "", problem.Line, problem.Column);

    private static byte[] Json(RuleProblem problem) => JsonLine.Object(json =>
    {
        json.WriteString("file"u8, problem.File);
        json.WriteNumber("line"u8, problem.Line);
        json.WriteNumber("column"u8, problem.Column);
        json.WriteString("level"u8, problem.IsWarning ? "warning" : "error");
        json.WriteString("message"u8, problem.Message);
    });
}
