using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands.Arguments;

/// <summary>The options common to all commands. <see cref="Configuration"/> adds the environment's values.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _socket = Text("--socket", "PATH", "The daemon's socket");
    private readonly Option<string?> _sysfs = Text("--sysfs", "DIR", "Where sysfs is mounted [default: /sys]");
    private readonly Option<string?> _dev = Text("--dev", "DIR", "Where the device nodes are [default: /dev]");
    private readonly Option<string?> _udevDb = Text("--udev-db", "DIR", "Where udev's database is [default: /run/udev/data]");

    private readonly Option<string[]> _rules = new("--rules")
    {
        HelpName = "DIR",
        Description = "A directory of rules to use instead of the default ones; may be repeated",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object per line", Recursive = true };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "Use no colour, as if NO_COLOR were set", Recursive = true };

    /// <summary>Creates the options.</summary>
    public CommonOptions() => _rules.Validators.Add(RefuseEmpty);

    /// <summary>Adds all options to the root command and its subcommands.</summary>
    /// <param name="root">The root command.</param>
    public void AddTo(Command root)
    {
        ArgumentNullException.ThrowIfNull(root);
        foreach (Option option in (ReadOnlySpan<Option>)[_socket, _sysfs, _dev, _udevDb, _rules, _json, _noColor])
            root.Add(option);
    }

    /// <summary>Reads the values.</summary>
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

    // An empty variable counts as unset.
    private static string? FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static Option<string?> Text(string name, string value, string description)
    {
        var option = new Option<string?>(name) { HelpName = value, Description = description, Recursive = true };
        option.Validators.Add(RefuseEmpty);
        return option;
    }

    // An empty path is probably an unset shell variable: neither no path nor the default was intended.
    private static void RefuseEmpty(OptionResult result)
    {
        if (result.Tokens.Any(static token => token.Value.Length == 0))
            result.AddError($"{result.Option.Name}: an empty path (leave the option out for the default)");
    }
}
