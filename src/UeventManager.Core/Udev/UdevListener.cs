using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Udev;

/// <summary>
/// udevd's broadcasts, and their meaning for events that wait for udev. Broadcasts are matched by SEQNUM, never by devpath: for an interface that
/// udevd renames, the broadcast may carry the new or the old path. Only if the kernel's event was never read does its path count, together with its
/// numbers.
/// </summary>
/// <param name="tree">The known devices.</param>
internal sealed class UdevListener(DeviceTree tree)
{
    // The amount by which a file may look older than it is: a file system's clock advances in ticks of at most 10 ms.
    private const long TickUsec = 10_000;

    private readonly DeviceColumn<UdevReport> _reports = new();
    private readonly SeqnumRing _seqnums = new();
    private long _lostOrder;

    /// <summary>True if broadcasts are received.</summary>
    public bool IsListening { get; private set; }

    /// <summary>True after the first broadcast: from then on udevd reports each event that it has processed.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>The oldest time of a database file that counts for a device known only from a scan; 0 at start: then any file counts.</summary>
    public long ScanFloorUsec { get; set; }

    /// <summary>From now on broadcasts are received.</summary>
    public void Listen() => IsListening = true;

    /// <summary>Broadcasts about events until now may be lost: for these events only the database tells.</summary>
    /// <param name="order">The last event.</param>
    public void Lose(long order) => _lostOrder = order;

    /// <summary>Notes an event of a device.</summary>
    public void Came(long seqnum, Device device)
    {
        if (IsListening)
            Expect(seqnum, device);
    }

    /// <summary>Expects a broadcast about an event of another run.</summary>
    public void Expect(long seqnum, Device device)
    {
        if (seqnum > 0)
            _seqnums.Put(seqnum, device);
    }

    /// <summary>Takes a broadcast: udevd has processed an event.</summary>
    /// <param name="message">The broadcast.</param>
    /// <param name="nowUsec">The time of its receipt.</param>
    /// <param name="order">The last event.</param>
    /// <returns>The event's device; null if it is unknown or removed.</returns>
    public Device? Hear(in UdevMessage message, long nowUsec, long order)
    {
        HasHeard = true;
        if (message.Action == UeventAction.Remove || (_seqnums.Find(message.Seqnum, tree) ?? FindUnread(message)) is not { } device)
            return null;
        ref var report = ref ReportOf(device);
        if (report.Seqnum >= message.Seqnum)
            return device;
        if (message.Seqnum == device.FirstSeqnum)
            report.FirstUsec = nowUsec;
        (report.Seqnum, report.HeardUsec, report.HeardOrder, report.WorkerFailed) = (message.Seqnum, nowUsec, order, message.WorkerFailed);
        report.Properties = device.Rules.AsksUdev ? message.Properties.ToArray() : null;
        return device;
    }

    // The device of an event that this run never read: it was sent before, or lost. A rename makes the numbers or the path differ. A broadcast about
    // another event says nothing of a waiting add, unless that is known from a scan.
    private Device? FindUnread(in UdevMessage message)
    {
        if (_seqnums.Knows(message.Seqnum) || tree.Find(message.DevPath) is not { InTree: true } device || message.Seqnum < device.FirstSeqnum
            || device.Subsystem != KernelText.Decode(message.Subsystem) || (device.State != DeviceState.Announced && device.FirstSeqnum > 0))
        {
            return null;
        }
        var known = device.Pending?.Add?.Event.Properties ?? device.Properties;
        return HasSame(known, message, "IFINDEX"u8) && HasSame(known, message, "MAJOR"u8) && HasSame(known, message, "MINOR"u8) && HasSame(known, message, "DISKSEQ"u8)
            ? device
            : null;
    }

    private static bool HasSame(PropertyBuffer properties, in UdevMessage message, ReadOnlySpan<byte> key) =>
        (properties.TryGet(key, out var known) ? known : default).SequenceEqual(PropertyBlock.TryGet(message.Properties, key, out var told) ? told : default);

    /// <summary>What udev has reported about a device in its present life.</summary>
    public ref UdevReport ReportOf(Device device)
    {
        ref var report = ref _reports[device];
        if (report.Seqnum > 0 && report.Seqnum < device.FirstSeqnum)
            report = default;
        return ref report;
    }

    /// <summary>Notes that a device is announced.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mark">The mark of its add.</param>
    public void Announced(Device device, in UdevMark mark) => ReportOf(device).BornUsec = mark.BornUsec;

    /// <summary>An add and all later events turn out to belong to another instance: reassigns the broadcasts about them, past and future.</summary>
    /// <param name="from">The device that they were attributed to.</param>
    /// <param name="report">What udev has reported about that device.</param>
    /// <param name="to">The device that they belong to.</param>
    public void HandOver(Device from, in UdevReport report, Device to)
    {
        if (to.FirstSeqnum == 0)
            return;
        _seqnums.HandOver(from, to, to.FirstSeqnum);
        if (report.Seqnum >= to.FirstSeqnum)
            _reports[to] = report with { IsCounted = true, BornUsec = 0, SeenInode = 0 };
    }

    /// <summary>True if a broadcast shows that udev has processed an event, and with which properties: the database need not be read.</summary>
    public bool HasBroadcast(Device device, in UdevMark mark) =>
        ReportOf(device) is { Seqnum: > 0, Properties: not null } report && report.Seqnum >= mark.Seqnum && !IsOutdated(report);

    /// <summary>The mark of the newest known event of a device.</summary>
    public UdevMark NewestOf(Device device)
    {
        if (device.Pending is { Events: [.., var last] })
            return last.Udev;
        return LastOf(device) with { Seqnum = device.AddSeqnum, Order = device.LastAddOrder };
    }

    /// <summary>The mark with which the latest that udev has reported about a device counts, for whichever event.</summary>
    public UdevMark LastOf(Device device)
    {
        if (device.Pending?.Add is { } add)
            return add.Event.Udev.Last(device.CreatedOrder);
        var bornUsec = ReportOf(device).BornUsec;
        return new UdevMark(0, device.CreatedOrder, bornUsec, bornUsec);
    }

    /// <summary>udev's state for an event.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="mark">The event that udev must have processed.</param>
    /// <param name="answer">The database file as a look read it, if it was asked.</param>
    public UdevFacts Of(Device device, in UdevMark mark, in Answer answer)
    {
        var facts = Find(device, mark, answer);
        ReportOf(device).Used = facts.Source;
        return facts;
    }

    /// <summary>Notes the database file that a look found.</summary>
    /// <param name="device">The device.</param>
    /// <param name="file">The file.</param>
    /// <param name="nowUsec">The time after the look was judged.</param>
    public void Saw(Device device, UdevFile file, long nowUsec)
    {
        ref var report = ref ReportOf(device);
        if (report.SeenInode != file.Inode)
            (report.SeenInode, report.SeenUsec) = (file.Inode, nowUsec);
    }

    /// <summary>Whether udev's state at a look for one event also covers a later event; broadcasts since that look do not count.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="found">udev's state at the look.</param>
    /// <param name="mark">The mark of the later event.</param>
    /// <param name="answer">The database file at the look.</param>
    public bool Covers(Device device, in UdevFacts found, in UdevMark mark, in Answer answer) =>
        found.Source is UdevSource.Broadcast or UdevSource.WorkerFailed ? found.Seqnum >= mark.Seqnum : found.IsDone && OfFile(device, mark, answer).IsDone;

    /// <summary>The latest properties that udev has reported about a device, for whichever event.</summary>
    public ReadOnlyMemory<byte> LatestProperties(Device device, in Answer answer) => Find(device, LastOf(device), answer).Properties;

    /// <summary>The source that the last look used, and the SEQNUM up to which udevd has broadcast, for people; null if neither is known.</summary>
    public string? Explain(Device device)
    {
        var report = ReportOf(device);
        if (report.Seqnum == 0)
            return report.Used == UdevSource.None ? null : UdevFacts.Text(report.Used);
        var told = $"told up to SEQNUM {report.Seqnum}";
        return report.WorkerFailed ? $"{told}; {UdevFacts.Text(UdevSource.WorkerFailed)}"
            : report.Used is UdevSource.None or UdevSource.Broadcast or UdevSource.WorkerFailed ? $"{UdevFacts.Text(UdevSource.Broadcast)}, {told}"
            : $"{UdevFacts.Text(report.Used)}; {told}";
    }

    /// <summary>Writes the state for the next run.</summary>
    public void Save(SnapshotWriter to)
    {
        to.Flag(HasHeard);
        to.Number(_lostOrder);
        Saved.Since(ScanFloorUsec, to);
    }

    /// <summary>Reads the state of another run.</summary>
    public void Restore(SnapshotReader from, long order)
    {
        HasHeard = from.Flag();
        _lostOrder = Restored.Order(from, order);
        ScanFloorUsec = Restored.Since(from);
    }

    /// <summary>Writes what udev has reported about a device.</summary>
    public void Save(Device device, SnapshotWriter to)
    {
        var report = ReportOf(device);
        Saved.Since(report.BornUsec, to);
        to.Number((long)report.SeenInode);
        if (report.SeenInode != 0)
            to.Number(report.SeenUsec);
        to.Number(report.Seqnum);
        if (report.Seqnum == 0)
            return;
        to.Number(report.HeardUsec);
        to.Number(report.HeardOrder);
        to.Flag(report.WorkerFailed);
        to.Number((long)report.Used);
        to.Bytes(report.Properties);
    }

    /// <summary>Reads what udev has reported about a device.</summary>
    public void Restore(Device device, SnapshotReader from, long order)
    {
        Expect(device.FirstSeqnum, device);
        Expect(device.AddSeqnum, device);
        ref var report = ref _reports[device];
        report = new UdevReport { BornUsec = Restored.Since(from), SeenInode = (ulong)from.Number() };
        if (report.SeenInode != 0)
            report.SeenUsec = from.Time();
        var seqnum = from.Count();
        if (seqnum == 0)
            return;
        // IsCounted: whether udev was early is not determined after a restart.
        report = report with { Seqnum = seqnum, HeardUsec = from.Time(), HeardOrder = Restored.Order(from, order), WorkerFailed = from.Flag(), IsCounted = true };
        report.Used = (UdevSource)from.Number(0, (int)UdevSource.NoEntry);
        report.Properties = Restored.Block(from) is { IsEmpty: false } block ? block.ToArray() : null;
    }

    private UdevFacts Find(Device device, in UdevMark mark, in Answer answer)
    {
        var report = ReportOf(device);
        var hasBroadcast = report.Seqnum > 0 && report.Seqnum >= mark.Seqnum;
        if (hasBroadcast && !(IsOutdated(report) && answer.Udev?.ModifiedUsec > report.HeardUsec))
            return new UdevFacts(report.WorkerFailed ? UdevSource.WorkerFailed : UdevSource.Broadcast, PropertiesOf(report, answer), report.Seqnum);
        return OfFile(device, mark, answer);
    }

    // If no rule asked udev when the broadcast came, its properties are read from the database, which udevd writes before it broadcasts. A worker
    // that failed has not written it.
    private static ReadOnlyMemory<byte> PropertiesOf(in UdevReport report, in Answer answer) =>
        report.Properties ?? (report.WorkerFailed || answer.Udev is null ? default(ReadOnlyMemory<byte>) : UdevEntry.Properties(answer.Value));

    // udev's state by the database alone, without broadcasts.
    private UdevFacts OfFile(Device device, in UdevMark mark, in Answer answer)
    {
        if (!answer.Asked || answer.Errno != 0 || !answer.Exists)
            return default;
        if (answer.Udev is not { IsLeft: false } file)
            return new UdevFacts(UdevSource.NoUdevd, Left(device, answer));
        var wasLost = mark.Order <= _lostOrder;
        // There would have been a broadcast, unless the device existed before we listened.
        if (HasHeard && IsListening && Math.Max(mark.Seqnum, device.FirstSeqnum) > 0 && !wasLost)
            return default;
        if (UdevEntry.IsProcessing(answer.Value))
            return default;
        if (mark.SinceUsec == 0)
            return new UdevFacts(file == UdevFile.None ? UdevSource.NoEntry : UdevSource.FileAsFound, UdevEntry.Properties(answer.Value));
        // Without an entry it is not known whether udev has processed this event.
        if (file == UdevFile.None)
            return default;
        // Written before udevd renamed the interface: the kernel's move followed, and udevd will write the entry again.
        if (UdevEntry.IsRenaming(answer.Value))
            return default;
        // If broadcasts were lost, this process was behind.
        return IsRewritten(device, mark, file, answer.Value, wasLost ? mark.SurelySinceUsec : mark.SinceUsec) ? new UdevFacts(UdevSource.File, UdevEntry.Properties(answer.Value)) : default;
    }

    // The properties in the entry that udevd left when it ended.
    private ReadOnlyMemory<byte> Left(Device device, in Answer answer) =>
        answer.Udev?.ModifiedUsec >= LastOf(device).SinceUsec - TickUsec ? UdevEntry.Properties(answer.Value) : default(ReadOnlyMemory<byte>);

    private bool IsRewritten(Device device, in UdevMark mark, UdevFile file, string? entry, long sinceUsec)
    {
        // A look found this file before the event was sent.
        if (ReportOf(device) is { SeenUsec: > 0 } report && report.SeenInode == file.Inode && report.SeenUsec < mark.SurelySinceUsec && mark.Seqnum > 0)
            return false;
        if (file.ModifiedUsec >= (mark.Seqnum > 0 ? sinceUsec : sinceUsec - TickUsec) || (mark.IsSeen && file.Inode != mark.FirstInode))
            return true;
        // This process was woken too late to judge by the file's time. udev's own time in the entry has no ticks, but a leftover entry passes its old
        // time on.
        return mark.IsFirst && device.State != DeviceState.Announced && UdevEntry.InitializedUsec(entry) >= mark.SurelySinceUsec;
    }

    // A later broadcast may have been lost.
    private bool IsOutdated(in UdevReport report) => report.HeardOrder < _lostOrder;
}
