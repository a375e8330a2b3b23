namespace UeventManager.Core.Uevents;

/// <summary>Why a datagram is not a message of udevd. Each reason is counted under its own name.</summary>
public enum UdevRejection : byte
{
    /// <summary>It is a message of udevd.</summary>
    None,

    /// <summary>It is shorter than the header.</summary>
    TooShort,

    /// <summary>It does not begin with <c>libudev</c> and a NUL: the kernel's format, or another one.</summary>
    NotLibudev,

    /// <summary>Another magic than 0xfeedcafe in network order, which clients' filters drop.</summary>
    BadMagic,

    /// <summary>Offset or length of the properties do not fit the datagram.</summary>
    BadLength,

    /// <summary>An entry without <c>=</c>, with nothing before it, or without its NUL.</summary>
    BadProperty,

    /// <summary>ACTION, DEVPATH, SUBSYSTEM or SEQNUM is missing or invalid.</summary>
    Incomplete,

    /// <summary>A hash in the header does not match SUBSYSTEM or DEVTYPE, so clients' filters would misjudge it.</summary>
    BadHash,
}
