using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Services;
using UeventManager.Netlink;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Loop;

/// <summary>What the loop gives its turns, made and wired elsewhere. The loop owns none of it.</summary>
internal sealed record LoopParts
{
    /// <summary>Everything that the thread waits for.</summary>
    public required Poller Poller { get; init; }

    /// <summary>Ends a wait, from any thread.</summary>
    public required EventFd Wake { get; init; }

    /// <summary>What other threads want done.</summary>
    public required Mailbox Mailbox { get; init; }

    /// <summary>The kernel's socket.</summary>
    public required UeventSocket Socket { get; init; }

    /// <summary>Brings the datagrams of <see cref="Socket"/> into the engine.</summary>
    public required KernelInput Kernel { get; init; }

    /// <summary>Brings udevd's broadcasts into the engine; null where nobody listens to them.</summary>
    public UdevInput? Udev { get; init; }

    /// <summary>The engine, and what carries its commands out.</summary>
    public required Pipeline Pipeline { get; init; }

    /// <summary>Reads sysfs on a thread of its own.</summary>
    public required Scanner Scanner { get; init; }

    /// <summary>The subscribers.</summary>
    public required Subscriptions Subscriptions { get; init; }

    /// <summary>The calls that are answered later.</summary>
    public required WaitService Waits { get; init; }

    /// <summary>The recorder of the engine's inputs.</summary>
    public required RecordService Recordings { get; init; }

    /// <summary>The connections that have something to do.</summary>
    public required VarlinkTurns Turns { get; init; }

    /// <summary>Opened when the first state is known.</summary>
    public required ReadyGate Gate { get; init; }

    /// <summary>Leaves to the next run what this one knows.</summary>
    public required StateHandover Handover { get; init; }

    /// <summary>How far the kernel has numbered its uevents.</summary>
    public required SeqnumFile Seqnum { get; init; }

    /// <summary>Gets the lines.</summary>
    public required DaemonLog Log { get; init; }

    /// <summary>When the start began.</summary>
    public required long StartedUsec { get; init; }

    /// <summary>Accepts connections, if the daemon has a socket.</summary>
    public VarlinkListener? Listener { get; init; }

    /// <summary>Fed by the loop, where a service manager expects signs of life.</summary>
    public Watchdog? Watchdog { get; init; }
}
