namespace UeventManager.Fleet;

/// <summary>The headers of messages. Those that begin with <c>Nats-</c> are the server's.</summary>
public static class FleetHeaders
{
    /// <summary>The daemon's cursor behind the message: of a message with several events that of the last.</summary>
    public const string Cursor = "Uevent-Cursor";

    /// <summary>
    /// The daemon's cursor before everything that was on its way together with this message: whatever came before it is in the stream. Who goes on for
    /// a bridge that was killed goes on from there. Absent where there is no such place.
    /// </summary>
    public const string After = "Uevent-After";

    /// <summary>Of a message that belongs to a transaction: its id, this message's number from 1, and how many there are, each behind a blank.</summary>
    public const string Transaction = "Uevent-Transaction";

    /// <summary>Of the messages of a transaction that follows a gap: why the state was read again.</summary>
    public const string Gap = "Uevent-Gap";

    /// <summary>Present if the device is gone from this subject.</summary>
    public const string Gone = "Uevent-Gone";

    /// <summary>The boot of the host, as the kernel names it.</summary>
    public const string Boot = "Uevent-Boot";

    /// <summary>The server keeps a message only if this is the sequence of the newest one of its subject; 0 if there is none.</summary>
    public const string ExpectedLast = "Nats-Expected-Last-Subject-Sequence";

    /// <summary>By which the server knows a message that it has.</summary>
    public const string MessageId = "Nats-Msg-Id";
}
