using UeventManager.Core.Uevents;

namespace UeventManager.Core.Rules;

/// <summary>The source that shows that udev has processed an event.</summary>
public enum UdevSource : byte
{
    /// <summary>No source shows it.</summary>
    None,

    /// <summary>A broadcast of udevd about that event, or about a later one of the same device.</summary>
    Broadcast,

    /// <summary>A broadcast, but udevd's worker had failed, so its rules were not applied.</summary>
    WorkerFailed,

    /// <summary>udev's database file, rewritten since the event; no broadcast tells more.</summary>
    File,

    /// <summary>udev's database file as it was found: for a device that existed before we listened, or for a synthetic event.</summary>
    FileAsFound,

    /// <summary>There is no udevd: conditions on udev count as met.</summary>
    NoUdevd,

    /// <summary>udev's database has no entry, although udevd has processed the devices that it found at its start: it stores nothing about this one.</summary>
    NoEntry,
}

/// <summary>udev's state for one event, from the source that counts for it.</summary>
/// <param name="Source">The source.</param>
/// <param name="Properties">udev's properties as <c>KEY=VALUE\0…</c>.</param>
/// <param name="Seqnum">For a broadcast, the SEQNUM up to which udev has processed events.</param>
public readonly record struct UdevFacts(UdevSource Source, ReadOnlyMemory<byte> Properties, long Seqnum = 0)
{
    /// <summary>True if udev has processed the event, or there is no udevd.</summary>
    public bool IsDone => Source != UdevSource.None;

    /// <summary>A property; null if it is missing.</summary>
    public string? Property(ReadOnlySpan<byte> name) => PropertyBlock.TryGet(Properties.Span, name, out var value) ? KernelText.Decode(value) : null;

    /// <summary>The source for people.</summary>
    public static string Text(UdevSource source) => source switch
    {
        UdevSource.Broadcast => "udevd's broadcast",
        UdevSource.WorkerFailed => "udevd's broadcast: its worker failed (UDEV_WORKER_FAILED), so its rules were not applied",
        UdevSource.File => "udev's database file, rewritten since the event",
        UdevSource.FileAsFound => "udev's database file, as it was found",
        UdevSource.NoEntry => "udev keeps no entry of this device in its database",
        UdevSource.NoUdevd => "there is no udevd, so it counts as met",
        _ => "udev has not finished it",
    };
}

/// <summary>
/// The file of an entry in udev's database. Each event that udevd processes gives it another inode, because the file is written anew and renamed.
/// </summary>
/// <param name="Inode">The inode.</param>
/// <param name="ModifiedUsec">The time of writing, in CLOCK_MONOTONIC microseconds.</param>
public sealed record UdevFile(ulong Inode, long ModifiedUsec)
{
    /// <summary>There is no file, because udevd has processed its first pass over all devices and stores nothing about this one.</summary>
    public static UdevFile None { get; } = new(0, 0);

    /// <summary>True if udevd is gone, so that no newer file will be written.</summary>
    public bool IsLeft { get; init; }
}
