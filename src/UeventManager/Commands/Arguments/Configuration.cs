using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// The table of configuration: every common option and every option of <c>daemon</c> is also an environment variable of the same name, for example
/// <c>UEVENT_MANAGER_RECEIVE_BUFFER</c> for <c>--receive-buffer</c>. The command line wins.
/// </summary>
internal static class Configuration
{
    /// <summary>The prefix of all variables; no other variable may have it.</summary>
    public const string Prefix = "UEVENT_MANAGER_";

    /// <summary>The variables that <c>run</c> sets for a program, which may call this command again. None of them belongs to an option.</summary>
    public static IReadOnlyList<string> OfPrograms { get; } =
    [
        "SETTLED", "MISSING", "CURSOR", "RULE", "GROUP", "GROUP_SIZE", "GROUP_PARTIAL", "SYNTHETIC", "INITIAL", "ATTEMPT", "GAP", "LOST",
    ];

    // Options for a single use are given by hand.
    private static readonly string[] CommandLineOnly = ["--check"];

    /// <summary>The variable of an option.</summary>
    /// <param name="option">As <c>--udev-db</c>.</param>
    /// <returns>As <c>UEVENT_MANAGER_UDEV_DB</c>.</returns>
    public static string VariableOf(string option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return Prefix + option.TrimStart('-').Replace('-', '_').ToUpperInvariant();
    }

    /// <summary>All options that are also variables, by the variable's name.</summary>
    /// <param name="root">The whole command.</param>
    /// <returns>The options with their commands; those of the root are common to all.</returns>
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

    /// <summary>Adds the variable's name to the help of each option that does not name it.</summary>
    /// <param name="root">The whole command.</param>
    public static void NameVariables(RootCommand root)
    {
        foreach ((string variable, (_, Option option)) in Table(root))
        {
            if (option.Description?.Contains(variable, StringComparison.Ordinal) != true)
                option.Description += $" [{variable}]";
        }
    }

    /// <summary>This process's variables with our prefix; an empty one counts as unset.</summary>
    public static IReadOnlyDictionary<string, string> FromProcess()
    {
        var ours = new Dictionary<string, string>(StringComparer.Ordinal);
        // No LINQ: every command passes here, and LINQ's code would have to be loaded first.
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
        {
            if (one is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith(Prefix, StringComparison.Ordinal) && !OfPrograms.Contains(name[Prefix.Length..]))
                ours.Add(name, value);
        }
        return ours;
    }

    /// <summary>Adds the environment's values to a command line.</summary>
    /// <param name="root">The whole command.</param>
    /// <param name="args">The command line.</param>
    /// <param name="parsed">The parsed command line, without errors.</param>
    /// <param name="variables">The environment, or its part with our prefix.</param>
    /// <returns>The new command line, or the error in the environment.</returns>
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
            // Common options may come before the command's name; the daemon's own come after it.
            if (of.Command is RootCommand)
                before.AddRange(words);
            else if (of.Command == parsed.CommandResult.Command)
                after.AddRange(words);
        }
        return ([.. before, .. args, .. after], null);
    }

    /// <summary>Names the origin of a wrong value.</summary>
    /// <param name="message">As <c>--socket-mode: 'x' is not a mode</c>.</param>
    /// <returns>The same, with the variable's name instead of the option's if the value comes from the variable.</returns>
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
