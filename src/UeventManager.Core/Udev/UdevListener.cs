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
        if (word.Seqnum == 0 && device.FirstSeqnum > 0)
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

    /// <summary>Another instance turns out to be the device of an event: what was told of that is the new one's.</summary>
    /// <param name="word">What was told of whose it was believed to be.</param>
    /// <param name="to">Whose it is.</param>
    /// <param name="seqnum">SEQNUM of the event.</param>
    public void HandOver(in UdevWord word, Device to, long seqnum)
    {
        Came(seqnum, to);
        if (seqnum > 0 && word.Seqnum >= seqnum)
            _words[to] = word with { IsCounted = true };
    }

    /// <summary>True if what was heard says that udev is done with an event: its database need not be asked.</summary>
    public bool IsTold(Device device, in UdevMark mark) => WordOf(device) is { Seqnum: > 0 } word && word.Seqnum >= mark.Seqnum && !IsOutdated(word);

    /// <summary>What udev has said of an event.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="mark">What udev must be done with.</param>
    /// <param name="answer">What a look found of its database, if it was asked.</param>
    public UdevFacts Of(Device device, in UdevMark mark, in Answer answer)
    {
        var facts = Find(device, mark, answer);
        _words[device].Used = facts.Source;
        return facts;
    }

    /// <summary>Whether what a look has found out of udev for one event is true of a later event too: what was told since is none of it.</summary>
    /// <param name="found">What it has found.</param>
    /// <param name="mark">What udev must be done with for the other event.</param>
    /// <param name="answer">What the look found of the database.</param>
    public bool Covers(in UdevFacts found, in UdevMark mark, in Answer answer) =>
        found.Source is UdevSource.Broadcast or UdevSource.WorkerFailed ? found.Seqnum >= mark.Seqnum : found.IsDone && OfFile(mark, answer).IsDone;

    /// <summary>What udev has said last of a device, whatever event that was about.</summary>
    public ReadOnlyMemory<byte> LastSaid(Device device, in UdevMark mark, in Answer answer) => Find(device, mark with { Seqnum = 0 }, answer).Properties;

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
    }

    /// <summary>Reads it.</summary>
    public void Restore(SnapshotReader from, long order)
    {
        HasHeard = from.Flag();
        _lostOrder = Restored.Order(from, order);
    }

    /// <summary>Writes what is known of a device.</summary>
    public void Save(Device device, SnapshotWriter to)
    {
        var word = _words[device];
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
        var seqnum = from.Count();
        if (seqnum == 0)
            return;
        // Whether it was early nobody looks for any more.
        ref var word = ref _words[device];
        word = new UdevWord { Seqnum = seqnum, HeardUsec = from.Time(), HeardOrder = Restored.Order(from, order), WorkerFailed = from.Flag(), IsCounted = true };
        word.Used = (UdevSource)from.Number(0, (int)UdevSource.NoUdevd);
        word.Properties = Restored.Block(from) is { IsEmpty: false } block ? block.ToArray() : null;
    }

    private UdevFacts Find(Device device, in UdevMark mark, in Answer answer)
    {
        var word = WordOf(device);
        var isTold = word.Seqnum > 0 && word.Seqnum >= mark.Seqnum;
        if (isTold && !(IsOutdated(word) && answer.Udev?.ModifiedUsec > word.HeardUsec))
            return new UdevFacts(word.WorkerFailed ? UdevSource.WorkerFailed : UdevSource.Broadcast, word.Properties ?? default(ReadOnlyMemory<byte>), word.Seqnum);
        return OfFile(mark, answer);
    }

    // What the database says, whatever was told.
    private UdevFacts OfFile(in UdevMark mark, in Answer answer)
    {
        if (!answer.Asked || answer.Errno != 0 || !answer.Exists)
            return default;
        if (answer.Udev is not { } file)
            return new UdevFacts(UdevSource.NoUdevd, default);
        var wasLost = mark.Order <= _lostOrder;
        if (HasHeard && IsListening && mark.Seqnum > 0 && !wasLost)
            return default;
        // Who has lost broadcasts has been behind.
        var isNew = file.ModifiedUsec >= (wasLost ? mark.SurelySinceUsec : mark.SinceUsec) || (mark.IsSeen && file.Inode != mark.FirstInode);
        return isNew ? new UdevFacts(mark.SinceUsec == 0 ? UdevSource.FileAsFound : UdevSource.File, UdevEntry.Properties(answer.Value)) : default;
    }

    // More may have been told since, and lost.
    private bool IsOutdated(in UdevWord word) => word.HeardOrder < _lostOrder;
}
