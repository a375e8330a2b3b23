using UeventManager.Core.Uevents;

namespace UeventManager.Core.Rules;

/// <summary>How it is known that udev is done with an event.</summary>
public enum UdevSource : byte
{
    /// <summary>It is not known to be.</summary>
    None,

    /// <summary>udevd has told everybody of that event, or of a later one of the same device.</summary>
    Broadcast,

    /// <summary>The same, and its worker had failed: its rules were not applied.</summary>
    WorkerFailed,

    /// <summary>Its database file was rewritten since the event; nothing was heard of udevd that would say more.</summary>
    File,

    /// <summary>Its database file as it was found: of a device that was there before anybody listened, or of an event of ours.</summary>
    FileAsFound,

    /// <summary>There is no udevd: what is asked of udev counts as met.</summary>
    NoUdevd,
}

/// <summary>What udev has said of one event, from whichever source counts for it.</summary>
/// <param name="Source">How that is known.</param>
/// <param name="Properties">What it said, as <c>KEY=VALUE\0…</c>.</param>
/// <param name="Seqnum">Of a broadcast, up to which SEQNUM udev is done.</param>
public readonly record struct UdevFacts(UdevSource Source, ReadOnlyMemory<byte> Properties, long Seqnum = 0)
{
    /// <summary>True if udev is done with the event, or there is none.</summary>
    public bool IsDone => Source != UdevSource.None;

    /// <summary>One of its properties; null if it is not there.</summary>
    public string? Property(ReadOnlySpan<byte> name) => PropertyBlock.TryGet(Properties.Span, name, out var value) ? KernelText.Decode(value) : null;

    /// <summary>The source for people.</summary>
    public static string Text(UdevSource source) => source switch
    {
        UdevSource.Broadcast => "udevd's broadcast",
        UdevSource.WorkerFailed => "udevd's broadcast: its worker failed (UDEV_WORKER_FAILED), its rules were not applied",
        UdevSource.File => "udev's database file, rewritten since the event",
        UdevSource.FileAsFound => "udev's database file, as it was found",
        UdevSource.NoUdevd => "there is no udevd: it counts as met",
        _ => "udev is not done with it",
    };
}

/// <summary>The file of an entry in udev's database. Every event that udevd is done with gives it another inode (it is written aside and renamed).</summary>
/// <param name="Inode">Its inode.</param>
/// <param name="ModifiedUsec">When it was written, CLOCK_MONOTONIC microseconds.</param>
public sealed record UdevFile(ulong Inode, long ModifiedUsec)
{
    /// <summary>True if there is no udevd any more: nobody will write another one.</summary>
    public bool IsLeft { get; init; }
}
