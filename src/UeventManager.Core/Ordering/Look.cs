using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>The purposes of a look.</summary>
public enum LookPurpose : byte
{
    /// <summary>Settle an add, a change or the missing optional conditions of a delivered event.</summary>
    Settle,

    /// <summary>Only learn which instance stands at the devpath.</summary>
    Identify,
}

/// <summary>
/// One look at one device, from its first question to its verdict. The engine fills <see cref="Ask"/>; the edge writes the answers to
/// <see cref="Sheet"/> and gives the look back; more questions may follow.
/// </summary>
public sealed class Look
{
    internal Look() => Facts.Property = name => Source?.Text(name);

    /// <summary>Unique; it identifies a late answer to an abandoned look.</summary>
    public long Id { get; internal set; }

    /// <summary>The device.</summary>
    public Device Device { get; internal set; } = null!;

    /// <summary>The purpose.</summary>
    public LookPurpose Purpose { get; internal set; }

    /// <summary>The open questions.</summary>
    public List<SysfsQuery> Ask { get; } = [];

    /// <summary>The table that takes the answers.</summary>
    public LookFacts Sheet => Attaching && !IsVerifying ? AttachFacts : Facts;

    /// <summary>
    /// True if the look could find a device complete although its directory is gone: the edge must then verify that the directory still exists. In
    /// other looks a handle that turns out to be dead costs only a moment.
    /// </summary>
    public bool MustVerifyDirectory { get; internal set; } = true;

    /// <summary>Set by the edge: the instance of the directory that was asked; unknown if there is no directory.</summary>
    public DeviceInstance Instance { get; set; }

    /// <summary>
    /// Set by the edge: the errno with which the look at the directory failed, though the directory may exist; else 0. A failed look decides nothing
    /// and is repeated.
    /// </summary>
    public int Errno { get; set; }

    /// <summary>The time of its beginning, in CLOCK_MONOTONIC microseconds.</summary>
    public long StartedUsec { get; internal set; }

    /// <summary>The time of its newest question, in CLOCK_MONOTONIC microseconds.</summary>
    internal long AskedUsec { get; set; }

    /// <summary>
    /// True if a worker answers one of its questions: the answers then come in another wake-up. The edge also sets it if it hands on further
    /// questions.
    /// </summary>
    public bool WentToWorker { get; set; }

    internal LookFacts Facts { get; } = new();

    internal LookFacts AttachFacts { get; } = new();

    internal bool Attaching { get; set; }

    // True while the missing conditions are asked again because the uevent file was read after them.
    internal bool IsVerifying { get; set; }

    // True once they were asked again, or need not be.
    internal bool IsVerified { get; set; }

    // True after one of the values to attach, which were asked for together, did not arrive: each is then asked for by itself.
    internal bool IsSingly { get; set; }

    // The values that are still to be asked for by themselves.
    internal List<SysfsQuery> Left { get; } = [];

    // Values that gave no answer: those of this look when each was asked by itself, and those that this look leaves out.
    internal List<SysfsQuery> Hung { get; } = [];

    // True if this look repeats another one without the values that hang.
    internal bool IsWithoutHung => !IsSingly && Hung.Count > 0;

    // Why the look failed: the directory's errno, or that of one question.
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

    // True if udevd's broadcasts answer the question about udev.
    internal bool KnowsUdev { get; set; }

    // True if the uevent file was asked for, with or without an answer.
    internal bool WithFile { get; set; }

    internal long StartedOrder { get; set; }

    // The instance that the first part of the look saw.
    internal DeviceInstance FirstInstance { get; set; }

    internal bool Reconcile { get; set; }

    internal bool Repeated { get; set; }

    internal BoundRule? Rule { get; set; }

    internal SubsystemRules Rules { get; set; } = null!;

    internal PropertyBuffer? Source { get; set; }

    // The event that is stepped if the look confirms it: a further add, or a scan's result.
    internal PendingEvent? News { get; set; }

    internal bool Probed { get; set; }

    internal WaitingActions Action { get; set; }

    /// <summary>Clears the look for its next use.</summary>
    internal void Clear()
    {
        Ask.Clear();
        Left.Clear();
        Hung.Clear();
        (Errno, Id, Instance, FirstInstance) = (0, 0, default, default);
        (WentToWorker, Attaching, WithFile, Reconcile, Probed, Repeated) = (false, false, false, false, false, false);
        (IsVerifying, IsVerified, IsSingly, KnowsUdev) = (false, false, false, false);
        (MustVerifyDirectory, Rule, News, Source) = (true, null, null, null);
    }
}
