using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Udev;

/// <summary>
/// What udevd has told of which event, and what that means for an event that waits for it. It is matched by SEQNUM and never by devpath: of an interface
/// that udevd renames the path may be the new one or the old one.
/// </summary>
/// <param name="tree">The known devices.</param>
internal sealed class UdevListener(DeviceTree tree)
{
    // By how much a file may look older than it is: the clock of a file system goes by ticks, of 10 ms at most.
    private const long TickUsec = 10_000;

    private readonly DeviceColumn<UdevWord> _words = new();
    private readonly SeqnumRing _seqnums = new();
    private long _lostOrder;

    /// <summary>True if broadcasts would be heard.</summary>
    public bool IsListening { get; private set; }

    /// <summary>True once one was: from then on, what udevd is done with is told.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>What a database file of a device that only a scan has found must not be older than; 0 at start: then it is as it was found.</summary>
    public long ScanFloorUsec { get; set; }

    /// <summary>Broadcasts are heard from now on.</summary>
    public void Listen() => IsListening = true;

    /// <summary>What was told of all events until now may have been lost: of them, the database says what can be known.</summary>
    /// <param name="order">The last event.</param>
    public void Lose(long order) => _lostOrder = order;

    /// <summary>An event of a device has come.</summary>
    public void Came(long seqnum, Device device)
    {
        if (IsListening)
            Expect(seqnum, device);
    }

    /// <summary>Something is still to be told of an event of another run.</summary>
    public void Expect(long seqnum, Device device)
    {
        if (seqnum > 0)
            _seqnums.Put(seqnum, device);
    }

    /// <summary>udevd is done with an event.</summary>
    /// <param name="message">What it says.</param>
    /// <param name="nowUsec">When it was heard.</param>
    /// <param name="order">The last event.</param>
    /// <returns>Whose event it was; null if nobody knows, or the device has gone.</returns>
    public Device? Hear(in UdevMessage message, long nowUsec, long order)
    {
        HasHeard = true;
        if (message.Action == UeventAction.Remove || _seqnums.Find(message.Seqnum, tree) is not { } device)
            return null;
        ref var word = ref WordOf(device);
        if (word.Seqnum >= message.Seqnum)
            return device;
        if (message.Seqnum == device.FirstSeqnum)
            word.FirstUsec = nowUsec;
        (word.Seqnum, word.HeardUsec, word.HeardOrder, word.WorkerFailed) = (message.Seqnum, nowUsec, order, message.WorkerFailed);
        word.Properties = device.Rules.AsksUdev ? message.Properties.ToArray() : null;
        return device;
    }

    /// <summary>What is known of a device, in its present life.</summary>
    public ref UdevWord WordOf(Device device)
    {
        ref var word = ref _words[device];
        if (word.Seqnum > 0 && word.Seqnum < device.FirstSeqnum)
            word = default;
        return ref word;
    }

    /// <summary>A device is announced.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mark">Its add's.</param>
    public void Announced(Device device, in UdevMark mark) => WordOf(device).BornUsec = mark.BornUsec;

    /// <summary>Another instance turns out to be the device of an add and of all that came after it: what was told of them, and will be, is the new one's.</summary>
    /// <param name="from">Whose they were believed to be.</param>
    /// <param name="word">What was told of that one.</param>
    /// <param name="to">Whose they are.</param>
    public void HandOver(Device from, in UdevWord word, Device to)
    {
        if (to.FirstSeqnum == 0)
            return;
        _seqnums.HandOver(from, to, to.FirstSeqnum);
        if (word.Seqnum >= to.FirstSeqnum)
            _words[to] = word with { IsCounted = true, BornUsec = 0, SeenInode = 0 };
    }

    /// <summary>True if what was heard says that udev is done with an event, and what it said of it: its database need not be asked.</summary>
    public bool IsTold(Device device, in UdevMark mark) =>
        WordOf(device) is { Seqnum: > 0, Properties: not null } word && word.Seqnum >= mark.Seqnum && !IsOutdated(word);

    /// <summary>What udev must have said for the newest event that is known of a device.</summary>
    public UdevMark NewestOf(Device device)
    {
        if (device.Pending is { Events: [.., var last] })
            return last.Udev;
        return LastOf(device) with { Seqnum = device.AddSeqnum, Order = device.LastAddOrder };
    }

    /// <summary>What counts as what udev said last of a device, whatever event it was about.</summary>
    public UdevMark LastOf(Device device)
    {
        if (device.Pending?.Add is { } add)
            return add.Event.Udev.Last(device.CreatedOrder);
        var bornUsec = WordOf(device).BornUsec;
        return new UdevMark(0, device.CreatedOrder, bornUsec, bornUsec);
    }

    /// <summary>What udev has said of an event.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="mark">What udev must be done with.</param>
    /// <param name="answer">What a look found of its database, if it was asked.</param>
    public UdevFacts Of(Device device, in UdevMark mark, in Answer answer)
    {
        var facts = Find(device, mark, answer);
        WordOf(device).Used = facts.Source;
        return facts;
    }

    /// <summary>A look has found a device's database file.</summary>
    /// <param name="device">The device.</param>
    /// <param name="file">The file.</param>
    /// <param name="nowUsec">Now, once the look has been judged.</param>
    public void Saw(Device device, UdevFile file, long nowUsec)
    {
        ref var word = ref WordOf(device);
        if (word.SeenInode != file.Inode)
            (word.SeenInode, word.SeenUsec) = (file.Inode, nowUsec);
    }

    /// <summary>Whether what a look has found out of udev for one event is true of a later event too: what was told since is none of it.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="found">What it has found.</param>
    /// <param name="mark">What udev must be done with for the other event.</param>
    /// <param name="answer">What the look found of the database.</param>
    public bool Covers(Device device, in UdevFacts found, in UdevMark mark, in Answer answer) =>
        found.Source is UdevSource.Broadcast or UdevSource.WorkerFailed ? found.Seqnum >= mark.Seqnum : found.IsDone && OfFile(device, mark, answer).IsDone;

    /// <summary>What udev has said last of a device, whatever event that was about.</summary>
    public ReadOnlyMemory<byte> LastSaid(Device device, in Answer answer) => Find(device, LastOf(device), answer).Properties;

    /// <summary>Which source the last look used, and how far udevd has told, for people; null if neither is known.</summary>
    public string? Explain(Device device)
    {
        var word = WordOf(device);
        if (word.Seqnum == 0)
            return word.Used == UdevSource.None ? null : UdevFacts.Text(word.Used);
        var told = $"told up to SEQNUM {word.Seqnum}";
        return word.WorkerFailed ? $"{told}; {UdevFacts.Text(UdevSource.WorkerFailed)}"
            : word.Used is UdevSource.None or UdevSource.Broadcast or UdevSource.WorkerFailed ? $"{UdevFacts.Text(UdevSource.Broadcast)}, {told}"
            : $"{UdevFacts.Text(word.Used)}; {told}";
    }

    /// <summary>Writes what the next run must know.</summary>
    public void Save(SnapshotWriter to)
    {
        to.Flag(HasHeard);
        to.Number(_lostOrder);
        Saved.Since(ScanFloorUsec, to);
    }

    /// <summary>Reads it.</summary>
    public void Restore(SnapshotReader from, long order)
    {
        HasHeard = from.Flag();
        _lostOrder = Restored.Order(from, order);
        ScanFloorUsec = Restored.Since(from);
    }

    /// <summary>Writes what is known of a device.</summary>
    public void Save(Device device, SnapshotWriter to)
    {
        var word = WordOf(device);
        Saved.Since(word.BornUsec, to);
        to.Number((long)word.SeenInode);
        if (word.SeenInode != 0)
            to.Number(word.SeenUsec);
        to.Number(word.Seqnum);
        if (word.Seqnum == 0)
            return;
        to.Number(word.HeardUsec);
        to.Number(word.HeardOrder);
        to.Flag(word.WorkerFailed);
        to.Number((long)word.Used);
        to.Bytes(word.Properties);
    }

    /// <summary>Reads it.</summary>
    public void Restore(Device device, SnapshotReader from, long order)
    {
        Expect(device.FirstSeqnum, device);
        Expect(device.AddSeqnum, device);
        ref var word = ref _words[device];
        word = new UdevWord { BornUsec = Restored.Since(from), SeenInode = (ulong)from.Number() };
        if (word.SeenInode != 0)
            word.SeenUsec = from.Time();
        var seqnum = from.Count();
        if (seqnum == 0)
            return;
        // Whether it was early nobody looks for any more.
        word = word with { Seqnum = seqnum, HeardUsec = from.Time(), HeardOrder = Restored.Order(from, order), WorkerFailed = from.Flag(), IsCounted = true };
        word.Used = (UdevSource)from.Number(0, (int)UdevSource.NoUdevd);
        word.Properties = Restored.Block(from) is { IsEmpty: false } block ? block.ToArray() : null;
    }

    private UdevFacts Find(Device device, in UdevMark mark, in Answer answer)
    {
        var word = WordOf(device);
        var isTold = word.Seqnum > 0 && word.Seqnum >= mark.Seqnum;
        if (isTold && !(IsOutdated(word) && answer.Udev?.ModifiedUsec > word.HeardUsec))
            return new UdevFacts(word.WorkerFailed ? UdevSource.WorkerFailed : UdevSource.Broadcast, Said(word, answer), word.Seqnum);
        return OfFile(device, mark, answer);
    }

    // Where no rule asked when it was told, the database has it: it is written before. A worker that failed has not written it.
    private static ReadOnlyMemory<byte> Said(in UdevWord word, in Answer answer) =>
        word.Properties ?? (word.WorkerFailed || answer.Udev is null ? default(ReadOnlyMemory<byte>) : UdevEntry.Properties(answer.Value));

    // What the database says, whatever was told.
    private UdevFacts OfFile(Device device, in UdevMark mark, in Answer answer)
    {
        if (!answer.Asked || answer.Errno != 0 || !answer.Exists)
            return default;
        if (answer.Udev is not { IsLeft: false } file)
            return new UdevFacts(UdevSource.NoUdevd, Left(device, answer));
        var wasLost = mark.Order <= _lostOrder;
        // It would have been told: of a device that was there before, nobody knows.
        if (HasHeard && IsListening && Math.Max(mark.Seqnum, device.FirstSeqnum) > 0 && !wasLost)
            return default;
        if (mark.SinceUsec == 0)
            return new UdevFacts(UdevSource.FileAsFound, UdevEntry.Properties(answer.Value));
        // Lost broadcasts mean that the daemon has been behind.
        return IsRewritten(device, mark, file, answer.Value, wasLost ? mark.SurelySinceUsec : mark.SinceUsec) ? new UdevFacts(UdevSource.File, UdevEntry.Properties(answer.Value)) : default;
    }

    // What udevd has said before it ended.
    private ReadOnlyMemory<byte> Left(Device device, in Answer answer) =>
        answer.Udev?.ModifiedUsec >= LastOf(device).SinceUsec - TickUsec ? UdevEntry.Properties(answer.Value) : default(ReadOnlyMemory<byte>);

    private bool IsRewritten(Device device, in UdevMark mark, UdevFile file, string? entry, long sinceUsec)
    {
        // It was there when the event had not been sent.
        if (WordOf(device) is { SeenUsec: > 0 } word && word.SeenInode == file.Inode && word.SeenUsec < mark.SurelySinceUsec && mark.Seqnum > 0)
            return false;
        if (file.ModifiedUsec >= (mark.Seqnum > 0 ? sinceUsec : sinceUsec - TickUsec) || (mark.IsSeen && file.Inode != mark.FirstInode))
            return true;
        // This process was woken too late to tell by the file's time. What udev says itself goes by no ticks, and a leftover entry passes its own on.
        return mark.IsFirst && device.State != DeviceState.Announced && UdevEntry.InitializedUsec(entry) >= mark.SurelySinceUsec;
    }

    // More may have been told since, and lost.
    private bool IsOutdated(in UdevWord word) => word.HeardOrder < _lostOrder;
}
