using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>How udevd is heard in a world.</summary>
internal enum UdevdHearing : byte
{
    /// <summary>All that it tells.</summary>
    All,

    /// <summary>Some of it is lost, and that is known.</summary>
    Some,

    /// <summary>Nothing: it runs in another network namespace.</summary>
    Nothing,
}

/// <summary>
/// udevd: takes its time for every event, one after the other of each device number, writes an entry for that number and tells everybody. What it has
/// heard of nobody, it leaves to the next device that gets the number.
/// </summary>
internal sealed class ModelUdevd
{
    // A file's time is that of the last tick.
    private const int TickUsec = 4_000;

    private readonly EngineWorld _world;
    private readonly Timeline _timeline;
    private readonly Random _random;
    private readonly Dictionary<string, ModelFile> _entries = [];
    private readonly Dictionary<string, long> _busyUntil = [];
    private readonly Dictionary<long, long> _writtenUsec = [];
    private readonly Dictionary<ulong, long> _failed = [];
    private ulong _inode = 1_000;

    public ModelUdevd(EngineWorld world, Timeline timeline, Random random, UdevdHearing hearing)
    {
        (_world, _timeline, _random, Hearing) = (world, timeline, random, hearing);
        world.Sysfs.UdevEntryOf = device => _entries.GetValueOrDefault(IdOf(device));
        world.ListenToUdev();
        world.At(world.Now + random.Next(100_000), TellOfAnother);
    }

    public UdevdHearing Hearing { get; }

    /// <summary>When it was heard for the first time: from then on only what it tells counts.</summary>
    public long HeardSinceUsec { get; private set; } = long.MaxValue;

    /// <summary>How often it left an entry of one device to another.</summary>
    public long Leftovers { get; private set; }

    /// <summary>Times that its worker failed.</summary>
    public long Failures { get; private set; }

    /// <summary>When it wrote what it found out at an event; 0 if it did not.</summary>
    public long WrittenUsec(long seqnum) => _writtenUsec.GetValueOrDefault(seqnum);

    /// <summary>The newest event of an instance of which it told that its worker had failed.</summary>
    public long FailedAt(ulong inode) => _failed.GetValueOrDefault(inode);

    /// <summary>The kernel has sent an event.</summary>
    public void Hears(long seqnum, string action, ModelDevice device)
    {
        device.NewestSeqnum = seqnum;
        var (id, path) = (IdOf(device), device.Path);
        if (action == "add" && _entries.TryGetValue(id, out var entry) && !entry.Value!.Contains($"ID_INODE={device.Inode}\n", StringComparison.Ordinal))
            Leftovers++;
        _busyUntil[id] = Math.Max(_world.Now, _busyUntil.GetValueOrDefault(id)) + Delay();
        _world.At(_busyUntil[id], () => Process(seqnum, action, device, id, path));
    }

    private void Process(long seqnum, string action, ModelDevice device, string id, string path)
    {
        string[] found = [$"ID_INODE={device.Inode}", $"ID_SEQ={seqnum}"];
        // Only where it can be told: who hears nothing would wait for ever.
        var fails = Hearing == UdevdHearing.All && action != "remove" && _random.Next(15) == 0;
        if (action == "remove")
            _entries.Remove(id);
        else if (!fails)
            Write(seqnum, id, found);
        if (Hearing == UdevdHearing.Nothing)
        {
            device.UdevDone = seqnum;
            return;
        }
        var later = _random.Next(3) == 0 ? _random.Next(3_000) : 0;
        _busyUntil[id] = Math.Max(_busyUntil[id], _world.Now + later);
        _world.In(later, () => Tell(seqnum, action, device, path, fails ? ["UDEV_WORKER_FAILED=1"] : found));
    }

    private void Write(long seqnum, string id, string[] found)
    {
        // An entry that is there passes on when its device was first seen, to whomever.
        var initialized = _entries.TryGetValue(id, out var before) ? before.Value![..(before.Value!.IndexOf('\n', StringComparison.Ordinal) + 1)] : $"I:{_world.Now}\n";
        _entries[id] = new ModelFile { Value = initialized + string.Concat(found.Select(line => $"E:{line}\n")), WrittenUsec = _world.Now / TickUsec * TickUsec, Inode = ++_inode };
        _writtenUsec[seqnum] = _world.Now;
        _timeline.Add(_world.Now, $"udevd   writes {id}: {string.Join(' ', found)}");
    }

    // Of an interface that it renames, or that somebody else has renamed, either path.
    private void Tell(long seqnum, string action, ModelDevice device, string path, string[] says)
    {
        device.UdevDone = seqnum;
        if (Hearing == UdevdHearing.Some && _random.Next(4) == 0)
        {
            _timeline.Add(_world.Now, $"udevd   tells #{seqnum}, and it is lost");
            _world.LoseUdev();
            return;
        }
        if (says[0].StartsWith("UDEV_", StringComparison.Ordinal))
        {
            Failures++;
            _failed[device.Inode] = seqnum;
        }
        _timeline.Add(_world.Now, $"udevd   tells {action} {path} #{seqnum} {string.Join(' ', says)}");
        HeardSinceUsec = Math.Min(HeardSinceUsec, _world.Now);
        _world.Tell(seqnum, action, _random.Next(2) == 0 ? path : device.Path, says);
    }

    // Something of no device that anybody knows.
    private void TellOfAnother()
    {
        if (Hearing == UdevdHearing.Nothing)
            return;
        HeardSinceUsec = Math.Min(HeardSinceUsec, _world.Now);
        _world.Tell(1, "change", "elsewhere");
    }

    // By the number where there is one, else by the name (sd_device_get_device_id()).
    private static string IdOf(ModelDevice device) =>
        UeventFile.Find(device.Uevent, "IFINDEX") is { } index ? "n" + index
        : UeventFile.Find(device.Uevent, "MINOR") is { } minor ? "c7:" + minor
        : $"+{device.Subsystem}:{device.Path[(device.Path.LastIndexOf('/') + 1)..]}";

    // Who has only its files to go by must have looked before it is done, or they must differ by more than a tick.
    private long Delay() => (Hearing == UdevdHearing.All ? 0 : TickUsec + _world.ReadUsec) + _random.Next(6) switch
    {
        0 => 0,
        1 or 2 => _random.Next(300),
        3 or 4 => _random.Next(5_000),
        _ => _random.Next(60_000),
    };
}
