using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

/// <summary>The kinds of commands that the engine gives.</summary>
public enum CommandKind : byte
{
    /// <summary>Give an event to the subscribers.</summary>
    Deliver,

    /// <summary>Answer a look's open questions and give it back.</summary>
    Probe,

    /// <summary>The engine no longer needs this look's answers; one of its reads may be stuck.</summary>
    Abandon,

    /// <summary>Close the directory handle of a device: it is not needed any more, or leads to the wrong place.</summary>
    Forget,

    /// <summary>Read all devices from sysfs and give them back in batches.</summary>
    Scan,

    /// <summary>Events were lost: tell the subscribers.</summary>
    Gap,

    /// <summary>The known state agrees with sysfs again.</summary>
    Reconciled,

    /// <summary>A device was removed before it was announced.</summary>
    Gone,

    /// <summary>An undelivered event of an announced device ended without a delivery.</summary>
    Ended,

    /// <summary>
    /// udevd announced a new device; <c>Number</c> says for how long the device was not complete then, in microseconds, or -1 if it was complete.
    /// </summary>
    UdevLead,

    /// <summary>Write a line to the log for the administrator.</summary>
    Report,
}

/// <summary>The subject of a <see cref="CommandKind.Report"/>.</summary>
public enum Incident : byte
{
    /// <summary>A device reached its timeout and is held.</summary>
    Held,

    /// <summary>A device reached its timeout and was delivered unsettled.</summary>
    DeliveredUnsettled,

    /// <summary>A device or a change reached its timeout and was dropped.</summary>
    Dropped,

    /// <summary>A held device settled after all.</summary>
    AnnouncedLate,

    /// <summary>A device reached its timeout, and its directory was gone.</summary>
    Vanished,

    /// <summary>An add came for another instance of an announced device: its remove was lost.</summary>
    RemoveLost,

    /// <summary>A change reached its timeout and is held until the conditions hold.</summary>
    ChangeHeld,

    /// <summary>A device could not be looked at; <c>Missing</c> says why. Reported once while looks fail.</summary>
    CannotLook,

    /// <summary>Another announced device has the same name on the bus, device number, ifindex or node; <c>Missing</c> names that device.</summary>
    Conflict,
}

/// <summary>
/// One command, valid until the next step. Later in the same step devices and looks may change or be reused, so the command carries the values that
/// held when it was given, and the driver reads them from the command.
/// </summary>
/// <param name="Kind">What to do.</param>
/// <param name="Device">The device that the command concerns, if any.</param>
/// <param name="Event">The event to deliver; nothing changes it any more.</param>
/// <param name="Look">The look to answer or to give up.</param>
/// <param name="Number">The number of the scan, of lost events, or the id of the look: a look that has another id by now must not be
/// answered.</param>
/// <param name="Incident">What to report.</param>
/// <param name="Missing">The missing conditions, for a report.</param>
/// <param name="Rule">The rule that was in force, for a report: the device may have no rule any more when the report is written.</param>
/// <param name="Path">The device's path, for a report: the device may have moved when the report is written.</param>
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
