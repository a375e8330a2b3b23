using System.Globalization;
using NATS.Client.JetStream.Models;

namespace UeventManager.Fleet;

/// <summary>The required configuration of the stream.</summary>
public sealed record FleetStream
{
    /// <summary>The default name.</summary>
    public const string DefaultName = "UEVENTS";

    /// <summary>The oldest supported server.</summary>
    public static Version OldestServer { get; } = new(2, 9, 0);

    /// <summary>The name.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>The number of messages kept for each subject.</summary>
    public long Keep { get; init; } = 16;

    /// <summary>The largest size, in bytes; -1 for the server's own limit. A full stream accepts nothing new, and loses nothing.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>The number of servers of a cluster that store it.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>The time for which the server recognises duplicates of a message by its id.</summary>
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

    /// <summary>The faults of a stream's configuration that would lose part of the fleet's state.</summary>
    internal static IEnumerable<string> Faults(StreamConfig found)
    {
        if (!(found.Subjects ?? []).Any(static one => one is FleetSubjects.All or ">"))
            yield return $"its subjects are {string.Join(", ", found.Subjects ?? [])}, and {FleetSubjects.All} must be among them";
        if (found.Retention != StreamConfigRetention.Limits)
            yield return "its retention must be limits (messages must stay after they are read)";
        if (found.Discard != StreamConfigDiscard.New && (found.MaxBytes > 0 || found.MaxMsgs > 0))
            yield return "it discards old messages when it is full, and with them devices (discard must be new)";
        if (found.DiscardNewPerSubject)
            yield return "it accepts no new message for a device whose limit is reached (discard_new_per_subject must be off)";
        if (found.MaxAge > TimeSpan.Zero)
            yield return string.Create(CultureInfo.InvariantCulture, $"it forgets messages after {found.MaxAge.TotalSeconds:0} s, and with them devices (max_age must be 0)");
        if (found.MaxMsgs > 0)
            yield return $"it keeps at most {found.MaxMsgs} messages, fewer than a fleet may have (max_msgs must be -1)";
        if (found.NoAck)
            yield return "it acknowledges nothing (no_ack must be off)";
        if (found.MaxMsgSize is > 0 and < 256 << 10)
            yield return $"it accepts messages of at most {found.MaxMsgSize} bytes (max_msg_size must be -1 or at least 262144)";
        if (found.Sealed)
            yield return "it is sealed: nothing can be written";
    }

    /// <summary>The differences from this configuration that do no harm.</summary>
    internal IEnumerable<string> Differences(StreamConfig found)
    {
        if (found.MaxMsgsPerSubject != Keep)
            yield return $"it keeps {Number(found.MaxMsgsPerSubject)} messages of a device (--keep {Keep} was requested)";
        if (found.MaxBytes != MaxBytes)
            yield return $"it may have {Number(found.MaxBytes)} bytes (--max-bytes {MaxBytes} was requested)";
        if (found.NumReplicas != Replicas)
            yield return $"it has {found.NumReplicas} replicas (--replicas {Replicas} was requested)";
        if (found.Storage != StreamConfigStorage.File)
            yield return "it is kept in memory: if the server ends, everything is lost and bridges publish it again";
    }

    private static string Number(long limit) => limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : "unlimited";
}
