using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

/// <summary>What the engine wants done.</summary>
public enum CommandKind : byte
{
    /// <summary>Give an event to the subscribers.</summary>
    Deliver,

    /// <summary>Answer a look's open questions and give it back.</summary>
    Probe,

    /// <summary>Nobody waits for this look's answers any more; a read of it may be stuck.</summary>
    Abandon,

    /// <summary>The directory handle kept for a device is not needed any more, or leads to the wrong place.</summary>
    Forget,

    /// <summary>Read all devices from sysfs and give them back in batches.</summary>
    Scan,

    /// <summary>Events were lost: tell the subscribers.</summary>
    Gap,

    /// <summary>The known state agrees with sysfs again.</summary>
    Reconciled,

    /// <summary>A device has gone that was never announced.</summary>
    Gone,

    /// <summary>udevd told of a new device; <c>Number</c> says for how long it was not complete then, in microseconds, or -1 if it was.</summary>
    UdevLead,

    /// <summary>Something that an administrator wants to read in the log.</summary>
    Report,
}

/// <summary>What a <see cref="CommandKind.Report"/> is about.</summary>
public enum Incident : byte
{
    /// <summary>A device's time was over: held.</summary>
    Held,

    /// <summary>A device's time was over: delivered unsettled.</summary>
    DeliveredUnsettled,

    /// <summary>A device's or a change's time was over: dropped.</summary>
    Dropped,

    /// <summary>A held device settled after all.</summary>
    AnnouncedLate,

    /// <summary>A device's directory was gone when its time was over.</summary>
    Vanished,

    /// <summary>An add came for another instance of an announced device: its remove was lost.</summary>
    RemoveLost,

    /// <summary>A change's time was over: held until the conditions hold.</summary>
    ChangeHeld,

    /// <summary>A device could not be looked at; <c>Missing</c> says why. Told once while looks fail.</summary>
    CannotLook,

    /// <summary>Another device is announced with its name on the bus, device number, ifindex or node; <c>Missing</c> names it.</summary>
    Conflict,
}

/// <summary>
/// One command. Valid until the next step. Devices and looks change and are used again within a step: what they were when it was given is in the
/// command, and the driver takes it from there.
/// </summary>
/// <param name="Kind">What to do.</param>
/// <param name="Device">The device, if it is about one.</param>
/// <param name="Event">The event to deliver: nothing changes it any more.</param>
/// <param name="Look">The look to answer or to give up.</param>
/// <param name="Number">The scan's number, how many events were lost, or the id of the look: one that has another id by now is not to be answered.</param>
/// <param name="Incident">What to report.</param>
/// <param name="Missing">What was missing, for a report.</param>
/// <param name="Rule">The rule that was in force, for a report: the device may have none any more when it is written.</param>
/// <param name="Path">The device's path, for a report: it may have another one by then.</param>
public readonly record struct EngineCommand(
    CommandKind Kind,
    Device? Device = null,
    PendingEvent? Event = null,
    Look? Look = null,
    long Number = 0,
    Incident Incident = default,
    IReadOnlyList<string>? Missing = null,
    Rule? Rule = null,
    byte[]? Path = null);
