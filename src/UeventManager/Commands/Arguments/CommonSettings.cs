using UeventManager.Client;

namespace UeventManager.Commands.Arguments;

/// <summary>What the common options and the environment say.</summary>
internal sealed record CommonSettings
{
    /// <summary>The socket that was named; null if none was.</summary>
    public string? Socket { get; init; }

    /// <summary>Where sysfs is.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary>True if the user named it: then it is used as it is, sysfs or not.</summary>
    public bool IsSysfsNamed { get; init; }

    /// <summary>Where the device nodes are.</summary>
    public string Dev { get; init; } = "/dev";

    /// <summary>Where udev keeps its database.</summary>
    public string UdevDb { get; init; } = "/run/udev/data";

    /// <summary>Directories of rules instead of the usual ones; empty for those.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>True to write JSON, one object a line.</summary>
    public bool Json { get; init; }

    /// <summary>True unless colour was forbidden.</summary>
    public bool MayColor { get; init; } = true;

    /// <summary>Where a daemon listens: as named, else the system's place, without privileges the user's own.</summary>
    public string ListenPath =>
        Socket ?? (Environment.IsPrivilegedProcess ? SocketPath.Default : SocketPath.OfUser ?? SocketPath.Default);

    /// <summary>Where a command looks for the daemon: as named, else the user's own daemon if there is one, else the system's.</summary>
    public string ConnectPath => Socket ?? SocketPath.Find();
}
