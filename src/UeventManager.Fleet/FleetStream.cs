using System.Globalization;
using NATS.Client.JetStream.Models;

namespace UeventManager.Fleet;

/// <summary>The stream as it must be.</summary>
public sealed record FleetStream
{
    /// <summary>Its name unless it is told otherwise.</summary>
    public const string DefaultName = "UEVENTS";

    /// <summary>The oldest server that is known to work.</summary>
    public static Version OldestServer { get; } = new(2, 9, 0);

    /// <summary>Its name.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>How many messages of a subject are kept at least.</summary>
    public long Keep { get; init; } = 16;

    /// <summary>How large it may become, in bytes; -1 for the server's own limit. A stream that is full takes nothing new, and loses nothing.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>On how many servers of a cluster it is.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>For how long the server knows the id of a message that it got.</summary>
    public TimeSpan Duplicates { get; init; } = TimeSpan.FromMinutes(2);

    internal StreamConfig ToConfig() => new(Name, [FleetSubjects.All])
    {
        Description = "Settled uevents of a fleet: the newest messages of each device of each host",
        Retention = StreamConfigRetention.Limits,
        Storage = StreamConfigStorage.File,
        Discard = StreamConfigDiscard.New,
        MaxMsgsPerSubject = Keep,
        MaxBytes = MaxBytes,
        MaxMsgs = -1,
        NumReplicas = Replicas,
        DuplicateWindow = Duplicates,
        AllowDirect = true,
        AllowRollupHdrs = false,
        DenyDelete = false,
        DenyPurge = false,
    };

    /// <summary>What of a stream is not as it must be: without it something of the fleet's state would be lost.</summary>
    internal static IEnumerable<string> Faults(StreamConfig found)
    {
        if (!(found.Subjects ?? []).Any(static one => one is FleetSubjects.All or ">"))
            yield return $"its subjects are {string.Join(", ", found.Subjects ?? [])}, and {FleetSubjects.All} must be among them";
        if (found.Retention != StreamConfigRetention.Limits)
            yield return "its retention must be limits (messages must stay when they were read)";
        if (found.Discard != StreamConfigDiscard.New && (found.MaxBytes > 0 || found.MaxMsgs > 0))
            yield return "it discards old messages when it is full, and with them devices (discard must be new)";
        if (found.DiscardNewPerSubject)
            yield return "it takes no new message of a device whose limit is reached (discard_new_per_subject must be off)";
        if (found.MaxAge > TimeSpan.Zero)
            yield return string.Create(CultureInfo.InvariantCulture, $"it forgets messages after {found.MaxAge.TotalSeconds:0} s, and with them devices (max_age must be 0)");
        if (found.MaxMsgs > 0)
            yield return $"it keeps {found.MaxMsgs} messages at most, which is fewer than a fleet may have (max_msgs must be -1)";
        if (found.NoAck)
            yield return "it acknowledges nothing (no_ack must be off)";
        if (found.MaxMsgSize is > 0 and < 256 << 10)
            yield return $"it takes messages of {found.MaxMsgSize} bytes at most (max_msg_size must be -1 or at least 262144)";
        if (found.Sealed)
            yield return "it is sealed: nothing can be written";
    }

    /// <summary>What of a stream is otherwise than here, though it works.</summary>
    internal IEnumerable<string> Differences(StreamConfig found)
    {
        if (found.MaxMsgsPerSubject != Keep)
            yield return $"it keeps {Number(found.MaxMsgsPerSubject)} messages of a device (--keep {Keep} was asked for)";
        if (found.MaxBytes != MaxBytes)
            yield return $"it may have {Number(found.MaxBytes)} bytes (--max-bytes {MaxBytes} was asked for)";
        if (found.NumReplicas != Replicas)
            yield return $"it has {found.NumReplicas} replicas (--replicas {Replicas} was asked for)";
        if (found.Storage != StreamConfigStorage.File)
            yield return "it is kept in memory: with the server everything is lost, and bridges publish it again";
    }

    private static string Number(long limit) => limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : "unlimited";
}
