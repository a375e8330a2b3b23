using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Acting;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl run -- PROGRAM</c>: the program once for each settled event, until it is asked to end.</summary>
internal static class RunCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var filters = new Option<string[]>("--filter", "-f") { HelpName = "KEY=GLOB,…", Description = "Only such events, as subsystem=net,action=add; given again, an alternative" };
        filters.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (FilterText.TryParse(token.Value, out _, ofEvents: true) is { } wrong)
                    result.AddError($"--filter: {wrong}");
            }
        });
        Option<string> jobs = Number("--jobs", "How many programs run at once, 1 to 1024", "4", 1, 1024, "-j");
        Option<string> retries = Number("--retry", "How often a program that failed is run again", "0", 0, 1000);
        Option<string> timeout = WaitOptions.Timeout("3min");
        timeout.Description = "How long a program may take: 500ms, 5s, 2min; then it is ended";
        var cursor = new Option<string?>("--cursor") { HelpName = "PATH", Description = "Where it is noted what has ended: the next run goes on there" };
        cursor.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("--cursor: an empty path (leave the option out to begin with what comes)");
        });
        var initial = new Option<bool>("--initial") { Description = "First as if what is there were added; not where a cursor is noted" };
        var input = new Option<bool>("--stdin") { Description = "Write the event to the program's standard input, as one line of JSON" };
        var kobjects = new Option<bool>("--kobjects") { Description = "Also for kobjects that are no devices: queues of interfaces, modules, drivers, …" };
        var program = new Argument<string[]>("PROGRAM")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "What is run, and its arguments: {devpath}, {sysname}, {IFINDEX} and their like are filled in",
        };
        program.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (ActionArguments.Mistake(token.Value) is { } wrong)
                    result.AddError(wrong);
            }
        });
        var command = new Command("run", "Run a program for each settled event") { filters, jobs, timeout, retries, cursor, initial, input, kobjects, program };
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            ParseResult parsed = context.Parsed;
            string[] words = parsed.GetValue(program)!;
            if (ProgramPath.Find(words[0]) is not { } file)
            {
                context.Say($"{words[0]}: no such program{(words[0].Contains('/', StringComparison.Ordinal) ? "" : " in PATH")} (name one that may be executed)");
                return ExitStatus.Failed;
            }
            DeviceFilter[] alternatives = [.. (parsed.GetValue(filters) ?? []).Select(static text => FilterText.TryParse(text, out DeviceFilter filter, ofEvents: true) is null ? filter : new DeviceFilter())];
            if (SubsystemHint.Of(alternatives.SelectMany(static filter => filter.Subsystems ?? []), context.Settings.Sysfs) is { } hint)
                context.Say(hint);
            using CursorFile? noted = parsed.GetValue(cursor) is { } path ? CursorFile.Open(path) : null;
            await using Stream error = Console.OpenStandardError();
            var runner = new ActionProgram(file, words[1..])
            {
                Timeout = WaitOptions.TimeOf(parsed, timeout),
                WithInput = parsed.GetValue(input),
                Sysfs = context.Settings.Sysfs,
                Socket = context.Settings.Socket,
                Error = text => error.Write(text.Span),
            };
            using var session = new ActionSession(runner.RunAsync, new ActionOptions
            {
                Name = words[0],
                Jobs = int.Parse(parsed.GetValue(jobs)!, CultureInfo.InvariantCulture),
                Retries = int.Parse(parsed.GetValue(retries)!, CultureInfo.InvariantCulture),
                File = noted,
                RunsInitial = parsed.GetValue(initial),
                Say = context.Say,
            });
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            await session.RunAsync(client, new ActionSelection(alternatives, parsed.GetValue(kobjects)), context.Cancel).ConfigureAwait(false);
            return ExitStatus.Done;
        }));
        return command;
    }

    private static Option<string> Number(string name, string description, string byDefault, int least, int most, params string[] aliases)
    {
        var option = new Option<string>(name, aliases) { HelpName = "N", Description = description, DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most))
                result.AddError($"{name}: '{text}' is no number from {least} to {most}");
        });
        return option;
    }
}
