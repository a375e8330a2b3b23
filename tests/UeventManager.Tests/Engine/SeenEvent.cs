using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Engine;

/// <summary>One delivered event as a subscriber would get it, copied out of the engine.</summary>
internal sealed record SeenEvent
{
    public required string Action { get; init; }

    public required string Path { get; init; }

    public string? OldPath { get; init; }

    public string Parent { get; init; } = "";

    public string Subsystem { get; init; } = "";

    public long Seqnum { get; init; }

    public bool Synthetic { get; init; }

    public bool Kobject { get; init; }

    public required Findings Findings { get; init; }

    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>The engine's number of the device; 0 for other kobjects.</summary>
    public long DeviceId { get; init; }

    /// <summary>The instance that the engine believes to announce; 0 if nobody looked.</summary>
    public ulong Inode { get; init; }

    public long ArrivedUsec { get; init; }

    /// <summary>The transaction that it came in, or null.</summary>
    public Transaction? Group { get; init; }

    /// <summary>True for the last event of a transaction.</summary>
    public bool EndsGroup { get; init; }

    public long AtUsec { get; init; }

    public static SeenEvent Of(PendingEvent pending, Device? device, long nowUsec)
    {
        var properties = new Dictionary<string, string>();
        foreach (var entry in PropertyBlock.Entries(pending.Properties.Span))
        {
            var text = Encoding.UTF8.GetString(entry);
            properties[text[..text.IndexOf('=')]] = text[(text.IndexOf('=') + 1)..];
        }
        return new SeenEvent
        {
            Action = pending.Action.Text(),
            Path = Encoding.UTF8.GetString(pending.Path.Span),
            OldPath = pending.OldDevPath.IsEmpty ? null : Encoding.UTF8.GetString(pending.OldDevPath.Span),
            Subsystem = pending.Subsystem,
            Parent = Encoding.UTF8.GetString(pending.ParentPath.Span),
            Seqnum = pending.Seqnum,
            Synthetic = pending.Synthetic,
            Kobject = device is null,
            Findings = pending.Findings,
            DeviceId = device?.Id ?? 0,
            Inode = device?.Instance.Inode ?? 0,
            Properties = properties,
            ArrivedUsec = pending.ArrivedUsec,
            Group = pending.Transaction,
            EndsGroup = pending.EndsTransaction,
            AtUsec = nowUsec,
        };
    }

    /// <summary>Short: <c>add a</c>, <c>change a synthetic</c>, <c>move b from a</c>, <c>add a unsettled</c>.</summary>
    public override string ToString() =>
        $"{Action} {Short(Path)}"
        + (OldPath is null ? "" : $" from {Short(OldPath)}")
        + (Synthetic ? " synthetic" : "")
        + (Kobject ? " kobject" : "")
        + (Findings.Settled ? "" : " unsettled");

    private static string Short(string path) => path.StartsWith("/devices/", StringComparison.Ordinal) ? path[9..] : path;
}
