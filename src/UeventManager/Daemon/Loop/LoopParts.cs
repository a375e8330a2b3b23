using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Services;
using UeventManager.Netlink;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Loop;

/// <summary>The parts of the loop, created and wired elsewhere. The loop owns none of them.</summary>
internal sealed record LoopParts
{
    /// <summary>Waits for all of the thread's events.</summary>
    public required Poller Poller { get; init; }

    /// <summary>Ends a wait, from any thread.</summary>
    public required EventFd Wake { get; init; }

    /// <summary>Requests of other threads.</summary>
    public required Mailbox Mailbox { get; init; }

    /// <summary>The kernel's socket.</summary>
    public required UeventSocket Socket { get; init; }

    /// <summary>Passes the datagrams of <see cref="Socket"/> to the engine.</summary>
    public required KernelInput Kernel { get; init; }

    /// <summary>Passes udevd's broadcasts to the engine; null if they are not received.</summary>
    public UdevInput? Udev { get; init; }

    /// <summary>The engine with its driver.</summary>
    public required Pipeline Pipeline { get; init; }

    /// <summary>Reads sysfs on a thread of its own.</summary>
    public required Scanner Scanner { get; init; }

    /// <summary>The subscribers.</summary>
    public required Subscriptions Subscriptions { get; init; }

    /// <summary>The calls that are answered later.</summary>
    public required WaitService Waits { get; init; }

    /// <summary>The recorder of the engine's inputs.</summary>
    public required RecordService Recordings { get; init; }

    /// <summary>The connections that have work.</summary>
    public required VarlinkTurns Turns { get; init; }

    /// <summary>Opened when the first state is known.</summary>
    public required ReadyGate Gate { get; init; }

    /// <summary>Hands the state over to the next run.</summary>
    public required StateHandover Handover { get; init; }

    /// <summary>The kernel's newest SEQNUM.</summary>
    public required SeqnumFile Seqnum { get; init; }

    /// <summary>The log.</summary>
    public required DaemonLog Log { get; init; }

    /// <summary>The time at which the start began.</summary>
    public required long StartedUsec { get; init; }

    /// <summary>Accepts connections, if the daemon has a socket.</summary>
    public VarlinkListener? Listener { get; init; }

    /// <summary>Notifies a service manager that expects signs of life.</summary>
    public Watchdog? Watchdog { get; init; }
}
