using System.CommandLine;
using System.CommandLine.Completions;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands;

/// <summary>
/// Completes a command line: with commands, with options that have an effect on the command, and with values, which the help's name of a value
/// selects. A shell asks with <c>[suggest:N]</c> and the line up to the cursor. Each candidate is a whole word, or <see cref="Files"/> or
/// <see cref="Directories"/> if the shell should complete paths.
/// </summary>
internal static class Completion
{
    /// <summary>The shell completes names of files. No candidate begins with a colon.</summary>
    public const string Files = ":files";

    /// <summary>The shell completes names of directories.</summary>
    public const string Directories = ":directories";

    /// <summary>True if an argument asks for candidates.</summary>
    public static bool IsAsked(string directive) => directive.StartsWith("[suggest", StringComparison.Ordinal);

    /// <summary>Finds the candidates.</summary>
    /// <param name="root">The whole command.</param>
    /// <param name="line">The line, up to the cursor.</param>
    public static IEnumerable<string> Of(RootCommand root, string line)
    {
        List<string> words = ShellWords.Split(line);
        var (command, positional, taking, isLiteral) = ((Command)root, 0, (Option?)null, false);
        foreach (string word in words.Skip(1).SkipLast(1))
        {
            if (taking is not null)
                taking = null;
            else if (!isLiteral && word == "--")
                isLiteral = true;
            else if (!isLiteral && word is ['-', _, ..])
                taking = word.Contains('=', StringComparison.Ordinal) || Find(command, word) is not { } option || option.ValueType == typeof(bool) ? null : option;
            else if (positional == 0 && command.Subcommands.FirstOrDefault(one => one.Name == word) is { } below)
                command = below;
            else
                positional++;
        }
        string last = words.Count > 1 ? words[^1] : "";
        if (taking is not null)
            return Values(taking, taking.HelpName, last);
        if (!isLiteral && last.StartsWith('-'))
            return last.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? After(last[..(equals + 1)], command, last[(equals + 1)..]) : Options(command, words, last);
        return command.Subcommands.Count > 0 ? Starting(last, command.Subcommands.Where(static one => !one.Hidden).Select(static one => one.Name)) : Arguments(root, command, positional, last);
    }

    private static IEnumerable<string> After(string head, Command command, string value) =>
        Find(command, head[..^1]) is not { } option || option.ValueType == typeof(bool) ? []
        : Values(option, option.HelpName, value).Select(one => one is Files or Directories ? one : head + one);

    private static IEnumerable<string> Arguments(RootCommand root, Command command, int positional, string word)
    {
        if (command.Arguments.Count == 0)
            return [];
        Argument argument = command.Arguments[Math.Min(positional, command.Arguments.Count - 1)];
        if (positional >= command.Arguments.Count && argument.Arity.MaximumNumberOfValues == 1)
            return [];
        return argument.Name == "COMMAND" ? Starting(word, root.Subcommands.Select(static one => one.Name)) : Values(argument, argument.Name, word);
    }

    // An option is offered again only if it may be repeated, and an option that needs another one only together with that one.
    private static IEnumerable<string> Options(Command command, List<string> words, string word)
    {
        IEnumerable<Option> offered = Known(command).Where(option => !option.Hidden && OptionUse.IsOf(command, option)
            && (option.ValueType == typeof(string[]) || !words.SkipLast(1).Any(given => Names(option).Contains(given.Split('=')[0])))
            && (OptionUse.Beside(command, option) is not { } beside || words.Contains(beside)));
        return Starting(word, offered.SelectMany(option => word.StartsWith("--", StringComparison.Ordinal) || word == "-" ? [option.Name] : Names(option))).Distinct();
    }

    private static IEnumerable<string> Values(Symbol symbol, string? kind, string word) => kind switch
    {
        "PATH" or "FILE" or "PROGRAM" or "RECORDING" => [Files],
        "DIR" => [Directories],
        "SUBSYSTEM[/DEVTYPE]" => Starting(word, DeviceCompletion.Subsystems(DeviceCompletion.Sysfs)),
        "ACTION" => Starting(word, UeventManager.Core.Uevents.UeventActions.All),
        "GLOB" => Starting(word, DeviceCompletion.DevPaths(word)),
        "KEY=GLOB" => Starting(word, ["DEVNAME=", "DEVTYPE=", "DRIVER=", "INTERFACE=", "MODALIAS="]),
        FilterOptions.ValueName => Starting(word, DeviceCompletion.Filter(word, (symbol as FilterOption)?.Use ?? FilterUse.Devices)),
        "GROUP" => Starting(word, DeviceCompletion.Groups()),
        "DEVICE" => Starting(word, DeviceCompletion.Of(word)),
        _ => Starting(word, Choices(symbol)),
    };

    private static IEnumerable<string> Choices(Symbol symbol) => symbol.GetCompletions(CompletionContext.Empty).Select(static one => one.Label);

    private static IEnumerable<string> Starting(string word, IEnumerable<string> candidates) => candidates.Where(one => one.StartsWith(word, StringComparison.Ordinal));

    private static Option? Find(Command command, string name) => Known(command).FirstOrDefault(option => Names(option).Contains(name));

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    private static IEnumerable<Option> Known(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(Known).Where(static option => option.Recursive)).DistinctBy(static option => option.Name);
}
