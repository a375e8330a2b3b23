namespace UeventManager.Core.Uevents;

/// <summary>Why a datagram is not a uevent. Each reason is counted under its own name.</summary>
public enum UeventRejection : byte
{
    /// <summary>It is a uevent.</summary>
    None,

    /// <summary>It is empty.</summary>
    Empty,

    /// <summary>The last byte is no NUL.</summary>
    NoFinalNul,

    /// <summary>The first text is not ACTION@DEVPATH.</summary>
    NoHeader,

    /// <summary>An action that kobject_actions[] does not have.</summary>
    UnknownAction,

    /// <summary>A devpath that is not absolute, or has an empty component, <c>.</c> or <c>..</c>.</summary>
    BadDevPath,

    /// <summary>An entry without <c>=</c>, or with nothing before it.</summary>
    BadProperty,

    /// <summary>More properties than UEVENT_NUM_ENVP.</summary>
    TooManyProperties,

    /// <summary>ACTION or DEVPATH among the properties differs from the header.</summary>
    HeaderMismatch,

    /// <summary>A SEQNUM that is not a number.</summary>
    BadSeqnum,
}
