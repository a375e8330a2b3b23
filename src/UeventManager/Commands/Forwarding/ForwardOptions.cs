using UeventManager.Client;

namespace UeventManager.Commands.Forwarding;

/// <summary>The options of a forwarder.</summary>
internal sealed record ForwardOptions
{
    /// <summary>The message format.</summary>
    public ForwardFormat Format { get; init; }

    /// <summary>The named namespaces.</summary>
    public required IReadOnlyList<ForwardPlace> Places { get; init; }

    /// <summary>A directory of namespace files, in which files may appear and disappear.</summary>
    public string? Watch { get; init; }

    /// <summary>udev's directory to create; used only with libudev's format.</summary>
    public required string RunUdev { get; init; }

    /// <summary>Selects devices; null for all.</summary>
    public DeviceFilter? Filter { get; init; }

    /// <summary>The filters and the tags as the user wrote them: a later run resumes only if it has the same.</summary>
    public string Identity { get; init; } = "";

    /// <summary>Tags for every device, in addition to <c>settled</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>True to send all devices at the start, for listeners that already run.</summary>
    public bool TellsInitial { get; init; }

    /// <summary>The root of sysfs.</summary>
    public required string Sysfs { get; init; }

    /// <summary>The daemon's socket; null for the default search.</summary>
    public string? SocketPath { get; init; }

    /// <summary>Writes a line to the log.</summary>
    public required Action<string> Say { get; init; }
}
