using UeventManager.Core.Rules;

namespace UeventManager.Commands.Retelling;

/// <summary>What a reteller is told.</summary>
internal sealed record RetellOptions
{
    /// <summary>The link by which udev's rules know that retell runs; the socket for blocked workers is beside it.</summary>
    public required string Gate { get; init; }

    /// <summary>udev's directory.</summary>
    public required string RunUdev { get; init; }

    /// <summary>Where sysfs is.</summary>
    public required string Sysfs { get; init; }

    /// <summary>How many devices a second udevd has to tell again because it was early.</summary>
    public required int MostPerSecond { get; init; }

    /// <summary>Loads the rules whose gates are to be shut, null if they cannot be; null to shut none.</summary>
    public Func<IReadOnlyList<Rule>?>? LoadRules { get; init; }

    /// <summary>Where those rules are.</summary>
    public IReadOnlyList<string> RuleDirectories { get; init; } = [];

    /// <summary>What blocked workers run.</summary>
    public required string Program { get; init; }

    /// <summary>Writes a line for people.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>The socket that blocked workers ask.</summary>
    public string WorkerSocket => Gate + ".socket";

    /// <summary>The rules of udev that shut gates: before those of seats and of systemd.</summary>
    public string RuleFile => Path.Combine(RunUdev, "rules.d/71-uevent-manager.rules");
}
