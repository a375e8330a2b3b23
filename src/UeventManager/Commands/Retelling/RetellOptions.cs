using UeventManager.Core.Rules;

namespace UeventManager.Commands.Retelling;

/// <summary>The options of a reteller.</summary>
internal sealed record RetellOptions
{
    /// <summary>The link that tells udev's rules that retell runs. The socket for blocked workers has the same name with a suffix.</summary>
    public required string Gate { get; init; }

    /// <summary>udev's directory.</summary>
    public required string RunUdev { get; init; }

    /// <summary>The root of sysfs.</summary>
    public required string Sysfs { get; init; }

    /// <summary>The most devices per second that udevd must announce again because it was early.</summary>
    public required int MostPerSecond { get; init; }

    /// <summary>Loads the rules whose gates are to be shut, or null if they have errors; null to shut no gates.</summary>
    public Func<IReadOnlyList<Rule>?>? LoadRules { get; init; }

    /// <summary>The directories of those rules.</summary>
    public IReadOnlyList<string> RuleDirectories { get; init; } = [];

    /// <summary>The program that blocked workers run.</summary>
    public required string Program { get; init; }

    /// <summary>Writes a line to the log.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>The socket for blocked workers.</summary>
    public string WorkerSocket => Gate + ".socket";

    /// <summary>The file of udev rules that shut gates. It sorts before the rules of seats and systemd.</summary>
    public string RuleFile => Path.Combine(RunUdev, "rules.d/71-uevent-manager.rules");
}
