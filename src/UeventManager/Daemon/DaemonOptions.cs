using UeventManager.Netlink;
using UeventManager.Systemd;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>What a pipeline is started with.</summary>
internal sealed record DaemonOptions
{
    /// <summary>Root of sysfs, or of a tree that stands in for it.</summary>
    public string Sysfs { get; init; } = "/sys";

    /// <summary>True if <see cref="Sysfs"/> must be the kernel's file system: nobody has named another tree.</summary>
    public bool MustBeSysfs { get; init; }

    /// <summary>Where device nodes are.</summary>
    public string Dev { get; init; } = "/dev";

    /// <summary>udev's database.</summary>
    public string UdevDb { get; init; } = "/run/udev/data";

    /// <summary>Directories with rule files, later ones replacing earlier ones' names; null for the default three.</summary>
    public IReadOnlyList<string>? RuleDirectories { get; init; }

    /// <summary>The socket that subscribers connect to; null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>Where an orderly end leaves what the next start goes on with; null for nowhere.</summary>
    public string? StateFile { get; init; }

    /// <summary>Mode of the socket file.</summary>
    public UnixFileMode SocketMode { get; init; } = (UnixFileMode)0b110_110_110;

    /// <summary>Group of the socket file; null for the process's own.</summary>
    public uint? SocketGroup { get; init; }

    /// <summary>How long a client may take nothing of what waits for it, in microseconds.</summary>
    public long SubscriberTimeoutUsec { get; init; } = new VarlinkLimits().StallUsec;

    /// <summary>Descriptor on which a supervisor other than systemd waits for readiness; null for none.</summary>
    public ReadyDescriptor? ReadyDescriptor { get; init; }

    /// <summary>Receive buffer wanted for the kernel's uevents, in bytes.</summary>
    public int ReceiveBuffer { get; init; } = UeventSocket.DefaultReceiveBuffer;

    /// <summary>Start although some rule files are bad, without those.</summary>
    public bool AllowBadRules { get; init; }
}
