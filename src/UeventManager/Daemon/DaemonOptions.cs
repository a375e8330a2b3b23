using UeventManager.Netlink;
using UeventManager.Systemd;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>The options of a pipeline.</summary>
internal sealed record DaemonOptions
{
    /// <summary>The root of sysfs, or of a tree that replaces it.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary>True if <see cref="Sysfs"/> must be the kernel's file system, because no other tree was named.</summary>
    public bool MustBeSysfs { get; init; }

    /// <summary>The directory of device nodes.</summary>
    public string Dev { get; init; } = "/dev";

    /// <summary>udev's database.</summary>
    public string UdevDb { get; init; } = "/run/udev/data";

    /// <summary>Directories with rule files, later ones replacing earlier ones' names; null for the default three.</summary>
    public IReadOnlyList<string>? RuleDirectories { get; init; }

    /// <summary>The socket for subscribers; null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>The file of the hand-over to the next start; null for none.</summary>
    public string? StateFile { get; init; }

    /// <summary>Mode of the socket file.</summary>
    public UnixFileMode SocketMode { get; init; } = (UnixFileMode)0b110_110_110;

    /// <summary>Group of the socket file; null for the process's own.</summary>
    public uint? SocketGroup { get; init; }

    /// <summary>The time after which a client that reads nothing is closed, in microseconds.</summary>
    public long SubscriberTimeoutUsec { get; init; } = new VarlinkLimits().StallUsec;

    /// <summary>The descriptor on which a supervisor other than systemd waits for readiness; null for none.</summary>
    public ReadyDescriptor? ReadyDescriptor { get; init; }

    /// <summary>The requested receive buffer for the kernel's uevents, in bytes.</summary>
    public int ReceiveBuffer { get; init; } = UeventSocket.DefaultReceiveBuffer;

    /// <summary>True to start without the bad rule files, if there are any.</summary>
    public bool AllowBadRules { get; init; }
}
