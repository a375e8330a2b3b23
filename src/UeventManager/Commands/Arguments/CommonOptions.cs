using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands.Arguments;

/// <summary>The options that every command knows. <see cref="Configuration"/> adds what the environment says.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _socket = Text("--socket", "PATH", "The daemon's socket");
    private readonly Option<string?> _sysfs = Text("--sysfs", "DIR", "Where sysfs is mounted (default /sys)");
    private readonly Option<string?> _dev = Text("--dev", "DIR", "Where the device nodes are (default /dev)");
    private readonly Option<string?> _udevDb = Text("--udev-db", "DIR", "Where udev's database is (default /run/udev/data)");

    private readonly Option<string[]> _rules = new("--rules")
    {
        HelpName = "DIR",
        Description = "A directory of rules to use instead of the usual ones; may be repeated",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line", Recursive = true };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "No colour, as with NO_COLOR", Recursive = true };

    /// <summary>Makes them.</summary>
    public CommonOptions() => _rules.Validators.Add(RefuseEmpty);

    /// <summary>Adds them all to the root command, for it and what is below it.</summary>
    /// <param name="root">The root command.</param>
    public void AddTo(Command root)
    {
        ArgumentNullException.ThrowIfNull(root);
        foreach (Option option in (ReadOnlySpan<Option>)[_socket, _sysfs, _dev, _udevDb, _rules, _json, _noColor])
            root.Add(option);
    }

    /// <summary>Reads what they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <returns>The settings.</returns>
    public CommonSettings Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        var defaults = new CommonSettings();
        return new CommonSettings
        {
            Socket = parsed.GetValue(_socket),
            Sysfs = parsed.GetValue(_sysfs) ?? defaults.Sysfs,
            IsSysfsNamed = parsed.GetValue(_sysfs) is not null,
            Dev = parsed.GetValue(_dev) ?? defaults.Dev,
            UdevDb = parsed.GetValue(_udevDb) ?? defaults.UdevDb,
            Rules = parsed.GetValue(_rules) ?? [],
            Json = parsed.GetValue(_json),
            MayColor = !parsed.GetValue(_noColor) && FromEnvironment("NO_COLOR") is null && FromEnvironment("TERM") != "dumb",
        };
    }

    // An empty variable is as good as none.
    private static string? FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static Option<string?> Text(string name, string value, string description)
    {
        var option = new Option<string?>(name) { HelpName = value, Description = description, Recursive = true };
        option.Validators.Add(RefuseEmpty);
        return option;
    }

    // What is meant is a path that a shell's variable should have had: no path, and not the usual one either.
    private static void RefuseEmpty(OptionResult result)
    {
        if (result.Tokens.Any(static token => token.Value.Length == 0))
            result.AddError($"{result.Option.Name}: an empty path (leave the option out for the usual one)");
    }
}
