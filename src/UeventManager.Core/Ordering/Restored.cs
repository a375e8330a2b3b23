using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// Reads the parts of a hand-over and refuses everything that this engine would never have written: the checksum proves only that nothing was
/// damaged, not that the writer was right.
/// </summary>
internal static class Restored
{
    /// <summary>The longest block of properties: a datagram with a <c>uevent</c> file laid over it.</summary>
    public const int MaxProperties = 64 * 1024;

    /// <summary>
    /// The most components of a devpath. Each component becomes a node that stores its path, so deep paths would cost the square of their length.
    /// </summary>
    public const int MaxDepth = 64;

    /// <summary>The longest timeout of an event, in microseconds: rules allow at most ten minutes.</summary>
    public const long MaxTimeoutUsec = 3_600_000_000;

    /// <summary>The most texts of one kind: conditions of a rule, missing conditions, attached values.</summary>
    public const int MostTexts = 4096;

    private const int MaxSubsystem = 255; // NAME_MAX: it is a directory below /sys/class or /sys/bus

    /// <summary>A devpath; valid until the next read.</summary>
    public static ReadOnlySpan<byte> Path(SnapshotReader from) =>
        PathOrNone(from) is { IsEmpty: false } path ? path : throw new SnapshotException("a devpath is empty");

    /// <summary>A devpath, or nothing; valid until the next read.</summary>
    public static ReadOnlySpan<byte> PathOrNone(SnapshotReader from)
    {
        var path = from.Bytes(DevPaths.MaxLength);
        return path.IsEmpty || (DevPaths.IsValid(path) && !path.Contains((byte)0) && path.Count((byte)'/') <= MaxDepth)
            ? path
            : throw new SnapshotException("a devpath is not valid");
    }

    /// <summary>The time from which something counts; 0 for always.</summary>
    public static long Since(SnapshotReader from) => from.Flag() ? Math.Max(1, from.Time()) : 0;

    /// <summary>A subsystem.</summary>
    public static string Subsystem(SnapshotReader from) =>
        from.KnownText() is { Length: > 0 and <= MaxSubsystem } name && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0
            ? name
            : throw new SnapshotException("a subsystem is not valid");

    /// <summary>Properties as <c>KEY=VALUE\0…</c>.</summary>
    public static void Properties(SnapshotReader from, PropertyBuffer into) => into.Set(Block(from));

    /// <summary>Properties as <c>KEY=VALUE\0…</c>; valid until the next read.</summary>
    public static ReadOnlySpan<byte> Block(SnapshotReader from)
    {
        var block = from.Bytes(MaxProperties);
        var entries = new PropertyScanner(block);
        while (entries.MoveNext())
        {
            if (entries.Equal <= entries.Start)
                throw new SnapshotException("a property is not valid");
        }
        return block;
    }

    /// <summary>A place in the order, which cannot be later than the last one.</summary>
    public static long Order(SnapshotReader from, long last) =>
        from.Count() is var order && order <= last ? order : throw new SnapshotException("an event is later than the last one");

    /// <summary>What udev must have processed.</summary>
    public static UdevMark Mark(SnapshotReader from, long order) =>
        new(from.Count(), Order(from, order), Since(from), Since(from)) { BornUsec = Since(from), IsFirst = from.Flag() };

    /// <summary>An instance.</summary>
    public static DeviceInstance Instance(SnapshotReader from) => new((ulong)from.Number(), from.Number());

    /// <summary>The last announced findings.</summary>
    public static Findings Findings(SnapshotReader from)
    {
        if (!from.Flag())
            return Ordering.Findings.None;
        var settled = from.Flag();
        var rule = from.KnownText();
        return new Findings(settled, rule, Texts(from), Pairs(from), Pairs(from));
    }

    /// <summary>The states at a look.</summary>
    public static ItemState[] Items(SnapshotReader from)
    {
        var count = from.Number(0, MostTexts);
        var items = new List<ItemState>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            items.Add(new ItemState { Held = from.Flag(), Seen = from.Text(), HeldSinceUsec = HeldSince(from), Looks = from.Number(0, int.MaxValue) });
        return [.. items];
    }

    /// <summary>Texts that many devices share, or none.</summary>
    public static List<string>? Texts(SnapshotReader from)
    {
        var count = from.Number(-1, MostTexts);
        var texts = count < 0 ? null : new List<string>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            texts!.Add(from.KnownText() ?? "");
        return texts;
    }

    // 0 is not a time: it means that the condition does not hold.
    private static long HeldSince(SnapshotReader from) => from.Flag() ? from.Time() : 0;

    private static List<KeyValuePair<string, string>>? Pairs(SnapshotReader from)
    {
        var count = from.Number(-1, MostTexts);
        if (count < 0)
            return null;
        var pairs = new List<KeyValuePair<string, string>>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            pairs.Add(new(from.KnownText() ?? "", from.Text() ?? ""));
        return pairs;
    }

    /// <summary>Checks that the pending events of a device are possible in its state.</summary>
    public static void Check(Device device, IReadOnlyList<PendingEvent> queue)
    {
        if (device.State != DeviceState.Announced)
        {
            if (device.State == DeviceState.Dropped || queue is not [{ Action: UeventAction.Add }])
                throw new SnapshotException("a device that is not announced does not have an add as its only event");
            return;
        }
        var moves = 0;
        foreach (var queued in queue)
        {
            if (queued.Action is UeventAction.Add or UeventAction.Remove)
                throw new SnapshotException("an announced device has a pending add or remove");
            if (!queued.Complete && !queued.IsPicture && queued.Action != UeventAction.Change)
                throw new SnapshotException("an event that is not a change waits for conditions");
            moves += queued.Action == UeventAction.Move ? 1 : 0;
        }
        if (moves > 1 || (moves == 0 && device.DeliveredPath is not null))
            throw new SnapshotException("a move is missing, or there are two");
    }
}
