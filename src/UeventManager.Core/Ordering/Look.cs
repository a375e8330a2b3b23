using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>Why a look is made.</summary>
public enum LookPurpose : byte
{
    /// <summary>To settle an add, a change or the optional items of a delivered event.</summary>
    Settle,

    /// <summary>Only to learn which instance stands at the devpath.</summary>
    Identify,
}

/// <summary>
/// One look at one device, from its first question to its verdict. The engine says what to <see cref="Ask"/>, the edge
/// puts the answers into <see cref="Sheet"/> and gives the look back; more questions may follow.
/// </summary>
public sealed class Look
{
    internal Look() => Facts.Property = name => Source?.Text(name);

    /// <summary>Unique; an answer to a look that was given up is recognised by it.</summary>
    public long Id { get; internal set; }

    /// <summary>The device.</summary>
    public Device Device { get; internal set; } = null!;

    /// <summary>Why.</summary>
    public LookPurpose Purpose { get; internal set; }

    /// <summary>The questions that are open.</summary>
    public List<SysfsQuery> Ask { get; } = [];

    /// <summary>Where the answers go.</summary>
    public LookFacts Sheet => Attaching && !IsVerifying ? AttachFacts : Facts;

    /// <summary>
    /// True if it might find the device complete in a directory that is gone: then the edge must be sure that it is not. Else a handle that turns
    /// out to be dead a moment later costs nothing but that moment.
    /// </summary>
    public bool MustVerifyDirectory { get; internal set; } = true;

    /// <summary>Set by the edge: the instance whose directory was asked; unknown if there is none.</summary>
    public DeviceInstance Instance { get; set; }

    /// <summary>
    /// Set by the edge: why the device's directory could not be looked at, though it may be there; else 0. Such a look decides nothing and
    /// is made again.
    /// </summary>
    public int Errno { get; set; }

    /// <summary>When it began, CLOCK_MONOTONIC microseconds.</summary>
    public long StartedUsec { get; internal set; }

    /// <summary>True if a question of it went to a worker: its answers come in another wake-up. The edge sets it for what it hands on besides.</summary>
    public bool WentToWorker { get; set; }

    internal LookFacts Facts { get; } = new();

    internal LookFacts AttachFacts { get; } = new();

    internal bool Attaching { get; set; }

    // What was missing is asked for once more, behind the uevent file; or has been.
    internal bool IsVerifying { get; set; }

    internal bool IsVerified { get; set; }

    // What is attached was asked together, and one of it hangs: each is asked by itself now.
    internal bool IsSingly { get; set; }

    // What is still to be asked by itself.
    internal List<SysfsQuery> Left { get; } = [];

    // Why it could not be made: the directory's reason, or that of one of the questions.
    internal int Failure
    {
        get
        {
            if (Errno != 0)
                return Errno;
            for (var i = 0; i < Ask.Count; i++)
            {
                ref readonly var answer = ref Sheet[Ask[i].Slot];
                if (answer.CouldNotLook)
                    return answer.Errno;
            }
            return 0;
        }
    }

    // What udev said is known from its broadcasts.
    internal bool KnowsUdev { get; set; }

    // The uevent file was asked for, whether or not there was an answer.
    internal bool WithFile { get; set; }

    internal long StartedOrder { get; set; }

    // The one that was asked in the look's first step.
    internal DeviceInstance FirstInstance { get; set; }

    internal bool Reconcile { get; set; }

    internal bool Repeated { get; set; }

    internal BoundRule? Rule { get; set; }

    internal SubsystemRules Rules { get; set; } = null!;

    internal PropertyBuffer? Source { get; set; }

    // What is told of the device if it is the one that was looked for: a further add, or what a scan has read.
    internal PendingEvent? News { get; set; }

    internal bool Probed { get; set; }

    internal WaitingActions Action { get; set; }

    /// <summary>Forgets everything, for the next one.</summary>
    internal void Clear()
    {
        Ask.Clear();
        Left.Clear();
        (Errno, Id, Instance, FirstInstance) = (0, 0, default, default);
        (WentToWorker, Attaching, WithFile, Reconcile, Probed, Repeated) = (false, false, false, false, false, false);
        (IsVerifying, IsVerified, IsSingly, KnowsUdev) = (false, false, false, false);
        (MustVerifyDirectory, Rule, News, Source) = (true, null, null, null);
    }
}
