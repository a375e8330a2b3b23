using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// The one table of configuration: every common option and every option of <c>daemon</c> is also an environment variable of the same
/// name, <c>--receive-buffer</c> being <c>UEVENT_MANAGER_RECEIVE_BUFFER</c>. What is given on the command line wins.
/// </summary>
internal static class Configuration
{
    /// <summary>What the names of all variables begin with; nothing else may begin so.</summary>
    public const string Prefix = "UEVENT_MANAGER_";

    /// <summary>
    /// What a program finds in its environment that <c>run</c> has started: it may call this one again. None of these is an option's.
    /// </summary>
    public static IReadOnlyList<string> OfPrograms { get; } =
    [
        "SETTLED", "MISSING", "CURSOR", "RULE", "GROUP", "GROUP_SIZE", "GROUP_PARTIAL", "SYNTHETIC", "INITIAL", "ATTEMPT", "GAP", "LOST",
    ];

    // What is done once is asked for once, by hand.
    private static readonly string[] CommandLineOnly = ["--check"];

    /// <summary>The variable of an option.</summary>
    /// <param name="option">As <c>--udev-db</c>.</param>
    /// <returns>As <c>UEVENT_MANAGER_UDEV_DB</c>.</returns>
    public static string VariableOf(string option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return Prefix + option.TrimStart('-').Replace('-', '_').ToUpperInvariant();
    }

    /// <summary>All options that are variables too, by the name of the variable.</summary>
    /// <param name="root">The whole command.</param>
    /// <returns>The options, and the command whose they are: the root's are common to all.</returns>
    public static IReadOnlyDictionary<string, (Command Command, Option Option)> Table(RootCommand root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var table = new Dictionary<string, (Command, Option)>(StringComparer.Ordinal);
        foreach (Option option in root.Options)
        {
            if (option.Recursive && option is not HelpOption)
                table.Add(VariableOf(option.Name), (root, option));
        }
        Command? daemon = root.Subcommands.FirstOrDefault(static c => c.Name == "daemon");
        foreach (Option option in daemon?.Options ?? [])
        {
            if (!CommandLineOnly.Contains(option.Name) && option is not HelpOption)
                table.Add(VariableOf(option.Name), (daemon!, option));
        }
        return table;
    }

    /// <summary>Says in the help of each option which variable it is, where the option's own text does not.</summary>
    /// <param name="root">The whole command.</param>
    public static void NameVariables(RootCommand root)
    {
        foreach ((string variable, (_, Option option)) in Table(root))
        {
            if (option.Description?.Contains(variable, StringComparison.Ordinal) != true)
                option.Description += $" [{variable}]";
        }
    }

    /// <summary>The variables of this process that have something in them: an empty one is as good as none.</summary>
    public static IReadOnlyDictionary<string, string> FromProcess()
    {
        var ours = new Dictionary<string, string>(StringComparer.Ordinal);
        // No LINQ: this is in the way of every command, and its code must first be bound.
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
        {
            if (one is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith(Prefix, StringComparison.Ordinal) && !OfPrograms.Contains(name[Prefix.Length..]))
                ours.Add(name, value);
        }
        return ours;
    }

    /// <summary>Adds to a command line what the environment says.</summary>
    /// <param name="root">The whole command.</param>
    /// <param name="args">The command line.</param>
    /// <param name="parsed">What it was parsed to, without an error.</param>
    /// <param name="variables">The environment, or the part of it that is ours.</param>
    /// <returns>The new command line, or what is wrong with the environment.</returns>
    public static (IReadOnlyList<string> Args, string? Error) Complete(
        RootCommand root, IReadOnlyList<string> args, ParseResult parsed, IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(variables);
        if (variables.Count == 0)
            return (args, null);
        var table = Table(root);
        var (before, after) = (new List<string>(), new List<string>());
        foreach ((string variable, string value) in variables.OrderBy(static v => v.Key, StringComparer.Ordinal))
        {
            if (!table.TryGetValue(variable, out (Command Command, Option Option) of))
                return (args, $"unknown variable {variable} in the environment ({Suggest(variable, table.Keys)})");
            if (!TryWords(of.Option, value, out IEnumerable<string> words))
                return (args, $"{variable}: '{value}' is neither yes nor no");
            if (parsed.GetResult(of.Option) is not (null or { Implicit: true }))
                continue;
            // Common options may stand before the command's name; what is the daemon's own stands behind it.
            if (of.Command is RootCommand)
                before.AddRange(words);
            else if (of.Command == parsed.CommandResult.Command)
                after.AddRange(words);
        }
        return ([.. before, .. args, .. after], null);
    }

    /// <summary>Says where a wrong value comes from.</summary>
    /// <param name="message">As <c>--socket-mode: 'x' is not a mode</c>.</param>
    /// <returns>The same, with the variable's name in place of the option's if the value is the variable's.</returns>
    public static string NameOrigin(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        int colon = message.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !message.StartsWith("--", StringComparison.Ordinal))
            return message;
        string variable = VariableOf(message[..colon]);
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value && message.Contains($"'{value}'", StringComparison.Ordinal)
            ? variable + message[colon..]
            : message;
    }

    private static bool TryWords(Option option, string value, out IEnumerable<string> words)
    {
        words = [$"{option.Name}={value}"];
        if (option.ValueType == typeof(string[]))
            words = value.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(one => $"{option.Name}={one}");
        if (option.ValueType != typeof(bool))
            return true;
        bool? yes = value switch { "yes" or "true" or "1" => true, "no" or "false" or "0" => false, _ => null };
        words = yes == true ? [option.Name] : [];
        return yes is not null;
    }

    private static string Suggest(string variable, IEnumerable<string> known) =>
        Nearest.To(variable[Prefix.Length..], known.Select(static k => k[Prefix.Length..])) is { } near
            ? $"did you mean {Prefix}{near}?"
            : "see ENVIRONMENT in ueventctl(1)";
}
