using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands;

/// <summary>Finds the error in a command line and says in one line what to write instead.</summary>
internal static class UsageError
{
    /// <summary>The error, or null.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="args">The words of the command line.</param>
    public static string? Find(ParseResult parsed, IReadOnlyList<string> args)
    {
        // An unknown command is reported first: its options are unknown only because of it.
        if (parsed.UnmatchedTokens is [var first, ..] && !IsOption(first) && UnknownCommand(parsed) is { } none)
            return none;
        string? unknown = parsed.UnmatchedTokens.FirstOrDefault(IsOption) ?? TakenOption(parsed);
        if (unknown is not null)
            return $"unknown option '{unknown}' ({UdevadmWords.OfOption(OptionUse.NameOf(parsed.CommandResult.Command), unknown) ?? Filter(unknown, parsed) ?? Suggest(unknown, OptionsOf(parsed.CommandResult), parsed)})";
        if (parsed.UnmatchedTokens.Count > 0)
            return Unexpected(parsed.UnmatchedTokens[0], parsed, args);
        if (parsed.Errors.Count > 0)
            return $"{Text(parsed.Errors[0])} (see {HelpOf(parsed)})";
        // The parser accepts a repeated option if only one of its uses has a value.
        return parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(static one =>
            one is { Implicit: false, Option: { Arity.MinimumNumberOfValues: > 0, AllowMultipleArgumentsPerToken: false } } && one.IdentifierTokenCount > one.Tokens.Count) is { } valueless
            ? $"{Valueless(valueless)} (see {HelpOf(parsed)})"
            : null;
    }

    /// <summary>The message for an unknown word in the place of a command, or null.</summary>
    public static string? UnknownCommand(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string? word = parsed.UnmatchedTokens.FirstOrDefault(static token => !IsOption(token));
        return word is null || command.Subcommands.Count == 0
            ? null
            : $"unknown command '{word}' ({UdevadmWords.OfCommand(word) ?? Suggest(word, command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name), parsed)})";
    }

    // The parser takes any word, even --subsytem, as a device or file argument. No device's name begins with a dash; a file whose name does can be
    // given after "--".
    private static string? TakenOption(ParseResult parsed)
    {
        IEnumerable<Token> before = parsed.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash);
        HashSet<Token> taken = new(ReferenceEqualityComparer.Instance);
        foreach (SymbolResult child in parsed.CommandResult.Children)
        {
            if (child is ArgumentResult argument)
                taken.UnionWith(argument.Tokens);
        }
        return before.FirstOrDefault(token => taken.Contains(token) && IsOption(token.Value))?.Value;
    }

    private static string Unexpected(string word, ParseResult parsed, IReadOnlyList<string> args)
    {
        if (UnknownCommand(parsed) is { } unknown)
            return unknown;
        string? flag = args.FirstOrDefault(arg => arg.StartsWith("--", StringComparison.Ordinal) && arg.EndsWith('=' + word, StringComparison.Ordinal));
        return flag is null ? $"unexpected argument '{word}' (see {HelpOf(parsed)})" : $"{flag[..flag.IndexOf('=', StringComparison.Ordinal)]} takes no value (see {HelpOf(parsed)})";
    }

    private static string Text(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0, Parent: OptionResult option } => Valueless(option),
        OptionResult { Tokens.Count: 0, Implicit: false } option => Valueless(option),
        ArgumentResult { Tokens.Count: 0, Argument: var argument, Parent: CommandResult of } =>
            $"'{OptionUse.NameOf(of.Command)}' needs {argument.Name}: {LowerFirst(argument.Description ?? "a value")}",
        CommandResult { Command: { Subcommands.Count: > 0, Action: null } command } =>
            $"'{OptionUse.NameOf(command)}' needs a command: {OneOf([.. command.Subcommands.Select(static c => c.Name)])}",
        _ => Line(error.Message),
    };

    private static string Valueless(OptionResult option) =>
        $"{option.IdentifierToken?.Value ?? option.Option.Name} needs a value: {option.Option.HelpName ?? "one"}";

    // The library's messages may have several lines; an error is one line.
    private static string Line(string message)
    {
        string text = string.Join(' ', message.TrimEnd('.').Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return text.Length == 0 ? "the command line is wrong" : LowerFirst(text);
    }

    // A variable's name, such as NATS_TIMEOUT, stays as it is written.
    private static string LowerFirst(string text) => text is [_, >= 'A' and <= 'Z', ..] ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static string Suggest(string word, IEnumerable<string> known, ParseResult parsed) =>
        Nearest.To(word, known) is { } near ? $"did you mean '{near}'?" : $"see {HelpOf(parsed)}";

    // An option of list and monitor may be a filter key for other commands.
    private static string? Filter(string word, ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<FilterOption>().FirstOrDefault() is { } filter && Nearest.To(word, OptionsOf(parsed.CommandResult)) is null
            && Nearest.To(word.TrimStart('-'), FilterKeys.Of(filter.Use).Where(static key => !key.EndsWith(':'))) is { } key
            ? $"did you mean '--filter {key}=…'?"
            : null;

    private static string HelpOf(ParseResult parsed) => $"{CommandRunner.Program} {OptionUse.NameOf(parsed.CommandResult.Command)} --help".Replace("  ", " ", StringComparison.Ordinal);

    // A lone dash is not an option.
    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    private static IEnumerable<string> OptionsOf(CommandResult? result)
    {
        Command command = result!.Command;
        for (; result is not null; result = result.Parent as CommandResult)
        {
            foreach (Option option in result.Command.Options.Where(option => OptionUse.IsOf(command, option)))
            {
                yield return option.Name;
                foreach (string alias in option.Aliases)
                    yield return alias;
            }
        }
    }

    private static string OneOf(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
