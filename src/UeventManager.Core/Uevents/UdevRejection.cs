namespace UeventManager.Core.Uevents;

/// <summary>Why a datagram is not a message of udevd's. Each reason is counted under its own name.</summary>
public enum UdevRejection : byte
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>Shorter than its header.</summary>
    TooShort,

    /// <summary>It does not begin with <c>libudev</c> and a NUL: the kernel's format, or another one.</summary>
    NotLibudev,

    /// <summary>Another magic than 0xfeedcafe in network order: what clients' filters drop.</summary>
    BadMagic,

    /// <summary>Offset or length of the properties do not fit the datagram.</summary>
    BadLength,

    /// <summary>An entry without <c>=</c>, with nothing before it, or without its NUL.</summary>
    BadProperty,

    /// <summary>ACTION, DEVPATH, SUBSYSTEM or SEQNUM is missing, or is none.</summary>
    Incomplete,

    /// <summary>A hash in the header is not that of SUBSYSTEM or DEVTYPE: filters of clients would take it for another.</summary>
    BadHash,
}
