namespace UeventManager.Fleet;

/// <summary>The headers of messages. Headers that begin with <c>Nats-</c> belong to the server.</summary>
public static class FleetHeaders
{
    /// <summary>The daemon's cursor after the message; for a message with several events, after the last one.</summary>
    public const string Cursor = "Uevent-Cursor";

    /// <summary>
    /// The daemon's cursor before everything that was sent together with this message: all earlier events are in the stream. The successor of a
    /// killed bridge continues there. Absent if there is no such cursor.
    /// </summary>
    public const string After = "Uevent-After";

    /// <summary>For a message of a transaction: its id, this message's number from 1, and the number of messages, separated by blanks.</summary>
    public const string Transaction = "Uevent-Transaction";

    /// <summary>For the messages of a transaction after a gap: why the state was read again.</summary>
    public const string Gap = "Uevent-Gap";

    /// <summary>Present if the device is removed from this subject.</summary>
    public const string Gone = "Uevent-Gone";

    /// <summary>The kernel's boot id of the host.</summary>
    public const string Boot = "Uevent-Boot";

    /// <summary>The server stores a message only if the newest one of its subject has this sequence; 0 if there is none.</summary>
    public const string ExpectedLast = "Nats-Expected-Last-Subject-Sequence";

    /// <summary>The id by which the server recognises a duplicate.</summary>
    public const string MessageId = "Nats-Msg-Id";
}
