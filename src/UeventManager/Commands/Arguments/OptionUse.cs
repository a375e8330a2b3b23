using System.CommandLine;
using System.CommandLine.Help;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// Tells which command uses which common option. All of them may come before the command's name, so the parser accepts each with any command; an
/// option without effect is refused instead of silently ignored.
/// </summary>
internal static class OptionUse
{
    private static readonly string[] Output = ["--json", "--no-color"];
    private static readonly string[] Names = ["--sysfs", "--dev"];
    private static readonly string[] Pipeline = ["--sysfs", "--dev", "--udev-db", "--rules"];

    private static readonly Dictionary<string, string[]> ByCommand = new(StringComparer.Ordinal)
    {
        [""] = [],
        ["monitor"] = ["--socket", .. Pipeline, .. Output],
        ["list"] = ["--socket", .. Output],
        ["info"] = ["--socket", .. Names, .. Output],
        ["wait"] = ["--socket", .. Names, .. Output],
        ["run"] = ["--socket", "--sysfs"],
        ["settle"] = ["--socket", .. Output],
        ["forward"] = ["--socket", "--sysfs"],
        ["retell"] = ["--socket", "--sysfs", "--rules"],
        ["gate"] = [],
        ["explain"] = ["--socket", .. Names, .. Output],
        ["status"] = ["--socket", .. Output],
        ["release"] = ["--socket", .. Names, .. Output],
        ["reload"] = ["--socket", .. Output],
        ["metrics"] = ["--socket", .. Output],
        ["completion"] = [],
        ["daemon"] = ["--socket", .. Pipeline, "--json"],
        ["trigger"] = ["--socket", .. Names, "--udev-db", .. Output],
        ["help"] = [],
        ["version"] = [],
        ["rules"] = [],
        ["rules check"] = ["--rules", .. Output],
        ["rules test"] = [.. Pipeline, .. Output],
        ["rules udev"] = ["--rules"],
        ["rules schema"] = [],
        ["record"] = ["--socket", "--sysfs"],
        ["plot"] = ["--socket", "--rules"],
        ["learn"] = ["--sysfs"],
        ["replay"] = ["--rules", .. Output],
    };

    // Options that are useful only together with another one, and the message if that one is missing.
    private static readonly (string Command, string[] Options, string With, string Why)[] Together =
    [
        ("monitor", Pipeline, "--standalone", "the daemon has its own"),
        ("daemon", ["--json"], "--check", "the log is text"),
    ];

    /// <summary>True if a command uses an option, alone or together with another one.</summary>
    public static bool IsOf(Command command, Option option) => !IsCommon(option) || ByCommand[NameOf(command)].Contains(option.Name);

    /// <summary>The error in the given common options, or null.</summary>
    public static string? Refusal(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string name = NameOf(command);
        string help = name.Length == 0 ? "ueventctl --help" : $"ueventctl {name} --help";
        foreach (Option option in parsed.RootCommandResult.Command.Options)
        {
            if (!IsGiven(parsed, option))
                continue;
            if (!IsOf(command, option))
                return name.Length == 0 ? $"{option.Name} needs a command (see {help})" : $"{option.Name} has no effect on '{name}' (see {help})";
            foreach (var (of, options, with, why) in Together)
            {
                if (of == name && options.Contains(option.Name) && !command.Options.Any(o => o.Name == with && IsGiven(parsed, o)))
                    return $"{option.Name} is for '{name} {with}': {why} (see {help})";
            }
        }
        return null;
    }

    /// <summary>Hides the options that a command does not use from its help.</summary>
    public static void HideUnused(ParseResult parsed)
    {
        foreach (Option option in parsed.RootCommandResult.Command.Options)
            option.Hidden |= parsed.CommandResult.Command is not RootCommand && !IsOf(parsed.CommandResult.Command, option);
    }

    /// <summary>The option that must be given together with an option, or null.</summary>
    public static string? Beside(Command command, Option option) =>
        Array.Find(Together, one => one.Command == NameOf(command) && one.Options.Contains(option.Name)).With;

    /// <summary>A command's name with its parents'; the root has none.</summary>
    public static string NameOf(Command command) =>
        command is RootCommand ? "" : command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{NameOf(parent)} {command.Name}" : command.Name;

    private static bool IsCommon(Option option) => option.Recursive && option is not HelpOption;

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
