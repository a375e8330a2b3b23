using UeventManager.Client;

namespace UeventManager.Commands.Arguments;

/// <summary>The values of the common options and the environment.</summary>
internal sealed record CommonSettings
{
    /// <summary>The given socket; null if none was given.</summary>
    public string? Socket { get; init; }

    /// <summary>The root of sysfs.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary>True if the user named the root: then it is used even if it is not a sysfs.</summary>
    public bool IsSysfsNamed { get; init; }

    /// <summary>The directory of device nodes.</summary>
    public string Dev { get; init; } = "/dev";

    /// <summary>The directory of udev's database.</summary>
    public string UdevDb { get; init; } = "/run/udev/data";

    /// <summary>The directories of rules; empty for the default ones.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>True to write JSON, one object per line.</summary>
    public bool Json { get; init; }

    /// <summary>False if colour was forbidden.</summary>
    public bool MayColor { get; init; } = true;

    /// <summary>The socket of a new daemon: the given one, else the system's, or without privileges the user's own.</summary>
    public string ListenPath =>
        Socket ?? (Environment.IsPrivilegedProcess ? SocketPath.Default : SocketPath.OfUser ?? SocketPath.Default);

    /// <summary>The socket of the daemon for a command: the given one, else the user's own if it exists, else the system's.</summary>
    public string ConnectPath => Socket ?? SocketPath.Find();
}
