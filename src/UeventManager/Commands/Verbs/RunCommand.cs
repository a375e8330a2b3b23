using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Acting;
using UeventManager.Commands.Arguments;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl run -- PROGRAM</c>: runs the program once for each settled event, until it is asked to end.</summary>
internal static class RunCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var filters = new FilterOptions(FilterUse.Runs);
        Option<string> jobs = Number("--jobs", "The number of programs at once, 1 to 1024", "4", 1, 1024, "-j");
        Option<string> retries = Number("--retry", "The number of further attempts after a failure", "0", 0, 1000);
        Option<string> timeout = WaitOptions.Timeout("3min");
        timeout.Description = "The longest time of a program: 500ms, 5s, 2min; then it is ended";
        timeout.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && Duration.TryParseOption(text, out long usec) && usec == 0)
                result.AddError("--timeout must not be 0 (give 1ms to 24h)");
        });
        var cursor = new Option<string?>("--cursor") { HelpName = "PATH", Description = "A file for the progress; the next run resumes there" };
        RefuseEmpty(cursor, "leave the option out to begin with the next event");
        var initial = new Option<bool>("--initial") { Description = "First run it for all existing devices, with ACTION=add, unless the cursor's file exists" };
        var input = new Option<bool>("--stdin") { Description = "Write the event to the program's standard input, as one line of JSON" };
        var kobjects = new Option<bool>("--kobjects") { Description = "Also run it for kobjects that are not devices: queues of interfaces, modules, drivers, …" };
        var program = new Argument<string[]>("PROGRAM")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "The program and its arguments; {devpath}, {sysname}, {IFINDEX} and other placeholders are replaced",
        };
        program.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (ActionArguments.Mistake(token.Value) is { } wrong)
                    result.AddError(wrong);
            }
        });
        var config = new Option<string?>("--config") { HelpName = "PATH", Description = "A file with further arguments, which take precedence: options, then -- PROGRAM ARGUMENT…, quoted as in a shell" };
        RefuseEmpty(config, "leave the option out to give all arguments here");
        var command = new Command("run", "Run a program for each settled event") { jobs, timeout, retries, cursor, initial, input, kobjects, config, program };
        filters.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(program) is not { Tokens.Count: > 0 } && result.GetResult(config) is null)
                result.AddError($"'run' needs PROGRAM: {program.Description}");
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            try
            {
                ParseResult file = await FromFileAsync(context, config).ConfigureAwait(false);
                return await RunAsync(context, new Values(context.Parsed, file)).ConfigureAwait(false);
            }
            catch (FormatException e)
            {
                context.Say(e.Message);
                return ExitStatus.Usage;
            }
        }));
        return command;

        async Task<int> RunAsync(CommandContext context, Values parsed)
        {
            string[] words = parsed.Of(program);
            if (ProgramPath.Find(words[0]) is not { } executable)
            {
                context.Say($"{words[0]}: no such program{(words[0].Contains('/', StringComparison.Ordinal) ? "" : " in PATH")} (name an executable one)");
                return ExitStatus.Failed;
            }
            IReadOnlyList<DeviceFilter> alternatives = filters.Alternatives(parsed.Holding);
            if (SubsystemHint.Of(FilterOptions.Subsystems(DeviceFilter.AnyOf(alternatives)), context.Settings.Sysfs) is { } hint)
                context.Say(hint);
            using CursorFile? noted = parsed.Of(cursor) is { } path ? CursorFile.Open(path) : null;
            await using Stream error = Console.OpenStandardError();
            var runner = new ActionProgram(executable, words[1..])
            {
                Timeout = WaitOptions.TimeOf(parsed.Holding(timeout), timeout),
                WithInput = parsed.Of(input),
                Sysfs = context.Settings.Sysfs,
                Socket = context.Settings.Socket,
                Error = text => error.Write(text.Span),
            };
            using var session = new ActionSession(runner.RunAsync, new ActionOptions
            {
                Name = words[0],
                Jobs = int.Parse(parsed.Of(jobs), CultureInfo.InvariantCulture),
                Retries = int.Parse(parsed.Of(retries), CultureInfo.InvariantCulture),
                File = noted,
                RunsInitial = parsed.Of(initial),
                Say = context.Say,
            });
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            await session.RunAsync(client, new ActionSelection(alternatives, parsed.Of(kobjects)), context.Cancel).ConfigureAwait(false);
            return ExitStatus.Done;
        }
    }

    // The file's content, parsed as a command line of its own; without a file the command line itself.
    private static async Task<ParseResult> FromFileAsync(CommandContext context, Option<string?> config)
    {
        if (context.Parsed.GetValue(config) is not { } path)
            return context.Parsed;
        try
        {
            string[] words = ["run", .. await ArgumentFile.ReadAsync(path, context.Cancel).ConfigureAwait(false)];
            ParseResult parsed = context.Parsed.RootCommandResult.Command.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            return (UsageError.Find(parsed, words) ?? (parsed.GetValue(config) is not null ? "--config is allowed only on the command line" : OptionUse.Refusal(parsed))) is { } wrong
                ? throw new FormatException($"{path}: {wrong}")
                : parsed;
        }
        catch (IOException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>The file's values if it has them, else the command line's.</summary>
    private sealed class Values(ParseResult line, ParseResult file)
    {
        public T Of<T>(Option<T> option) => Holding(option).GetValue(option)!;

        public T Of<T>(Argument<T> argument) => (file.GetResult(argument) is { Tokens.Count: > 0 } ? file : line).GetValue(argument)!;

        public ParseResult Holding(Option option) => file.GetResult(option) is { Implicit: false } ? file : line;
    }

    private static void RefuseEmpty(Option<string?> path, string instead) => path.Validators.Add(result =>
    {
        if (result.Tokens.Any(static token => token.Value.Length == 0))
            result.AddError($"{path.Name}: an empty path ({instead})");
    });

    /// <summary>An option whose value is a whole number.</summary>
    internal static Option<string> Number(string name, string description, string byDefault, int least, int most, params string[] aliases)
    {
        var option = new Option<string>(name, aliases) { HelpName = "N", Description = description, DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most))
                result.AddError($"{name}: '{text}' is not a number from {least} to {most}");
        });
        return option;
    }
}
