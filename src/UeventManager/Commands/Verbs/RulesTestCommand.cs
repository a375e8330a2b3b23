using System.CommandLine;
using System.Text.Json;
using UeventManager.Commands.Arguments;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Daemon.Edge;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl rules test DEVICE</c>: which rule is in force for a device, and each condition's state right now.</summary>
internal static class RulesTestCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var device = WaitOptions.Device();
        var command = new Command("test", "Show, without a daemon, which rule is in force for a device and whether its conditions hold now") { device };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            var directories = context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories;
            var loaded = RuleLoader.Load(directories);
            foreach (var problem in loaded.Problems)
                context.Say($"left out: {problem}");
            if (loaded is { Problems.Count: 0, Rules.Count: 0 })
                context.Say($"there is no rule; searched: {RuleDirectories.Searched(directories)} ({RuleDirectories.Remedy})");
            using var trial = new RuleTrial(DaemonCommand.Options(context.Settings), new RuleSet(loaded.Rules.Select(WaitingAlways)));
            var name = context.Parsed.GetValue(device)!;
            if (trial.Run(name) is not { } result)
            {
                context.Say(DeviceNameCheck.Mistake(name, context.Settings.Sysfs, untilRemoved: false) ?? $"no device '{name}' below {context.Settings.Sysfs}/devices (name it by its devpath, /sys/…, /dev/… or subsystem:sysname)");
                return Task.FromResult(ExitStatus.Failed);
            }
            result = result with { Rule = loaded.Rules.FirstOrDefault(rule => rule.Name == result.Rule?.Name) };
            if (context.Settings.Json)
                context.Output.Line(Json(result));
            else
                Print(context, result);
            // A file that was left out might contain the rule in force.
            return Task.FromResult(loaded.Problems.Any(static problem => !problem.IsWarning) ? ExitStatus.Failed : ExitStatus.Done);
        }));
        return command;
    }

    // `on` does not select a rule, so the rule is shown whatever action it waits for.
    private static Rule WaitingAlways(Rule rule) => rule with { On = WaitingActions.Add | WaitingActions.Change };

    private static void Print(CommandContext context, TrialResult result)
    {
        var (output, palette) = (context.Output, context.Palette);
        output.Line($"device   {Printable.Text(result.DevPath)} ({Printable.Text(result.Subsystem)})");
        if (result.Rule is not { } rule)
        {
            output.Line("rule     none: its events pass at once");
            return;
        }
        output.Line($"rule     {palette.Bold(Printable.Text(rule.Name))}  {Printable.Text(rule.File)}:{rule.Line}");
        if (rule.Description is { } description)
            output.Line($"         {Printable.Text(description)}");
        output.Line($"waits    on {On(rule)}, at most {Duration.Format(rule.TimeoutUsec)}, then {Policy(rule)}");
        foreach (var condition in result.Conditions)
        {
            var mark = condition.Held ? "yes" : palette.Warn("NO ");
            var optional = condition.OptionalUsec is { } usec ? $"  [optional after {Duration.Format(usec)}]" : "";
            output.Line($"  {mark}  {Printable.Text(condition.Text)}{(condition.Seen is { } seen ? $"  (is {Printable.Text(seen)})" : "")}{palette.Faint(optional)}");
        }
        foreach (var (path, value) in result.Attributes.Concat(result.Links))
            output.Line($"attach   {Printable.Text(path)} = {Printable.Text(value)}");
        output.Line(result.Complete ? "now      complete: it would be announced" : $"now      {palette.Warn("not complete")}: it would wait");
    }

    private static string On(Rule rule) => rule.On == WaitingActions.None ? "nothing"
        : string.Join(" and ", new[] { WaitingActions.Add, WaitingActions.Change }.Where(a => rule.On.HasFlag(a)).Select(a => a == WaitingActions.Add ? "add" : "change"));

    private static string Policy(Rule rule) => rule.OnTimeout switch
    {
        TimeoutPolicy.Deliver => "it is delivered unsettled",
        TimeoutPolicy.Drop => "it is dropped",
        _ => "it is held",
    };

    private static byte[] Json(TrialResult result)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("devpath"u8, result.DevPath);
            json.WriteString("subsystem"u8, result.Subsystem);
            if (result.Rule is { } rule)
            {
                json.WriteString("rule"u8, rule.Name);
                json.WriteString("file"u8, rule.File);
                json.WriteNumber("line"u8, rule.Line);
            }
            json.WriteBoolean("complete"u8, result.Complete);
            json.WriteStartArray("conditions"u8);
            foreach (var condition in result.Conditions)
            {
                json.WriteStartObject();
                json.WriteString("text"u8, condition.Text);
                json.WriteBoolean("held"u8, condition.Held);
                json.WriteBoolean("optional"u8, condition.OptionalUsec is not null);
                if (condition.Seen is { } seen)
                    json.WriteString("value"u8, seen);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteMap(json, "attributes", result.Attributes);
            WriteMap(json, "links", result.Links);
            json.WriteEndObject();
        }
        return output.ToArray();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
