using Tmds.Linux;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Answers the engine's looks: questions that cannot block at once, values through the readers. The directories of waiting devices, and of devices
/// whose changes are looked at, stay open, so that a check costs a third.
/// </summary>
internal sealed class LookAnswerer : IDisposable
{
    // The time for which an open directory is believed to exist if no decision depends on it.
    private const long BelievedAliveUsec = 10_000;

    // The number of handles closed at once if a descriptor is needed: one look may need several.
    private const int HandlesGivenUp = 8;

    private readonly SysfsTree _tree;
    private readonly Prober _prober;
    private readonly DirectoryCache _directories = new(DescriptorShares.Here.Handles);
    private readonly AttributeReaders _readers;
    private readonly Dictionary<long, Look> _reading = [];
    private readonly List<SysfsQuery> _blocking = [];

    public LookAnswerer(SysfsTree tree, DaemonOptions options, Action wake)
    {
        _tree = tree;
        _prober = new Prober(options.Dev);
        _readers = new AttributeReaders(() => new ValueReader(_prober, new UdevDatabase(options.UdevDb)), wake);
    }

    /// <summary>Abandoned reads that have not returned.</summary>
    public IReadOnlyList<StuckRead> Stuck => _readers.Stuck;

    /// <summary>Answers the questions that can be answered now.</summary>
    /// <param name="device">The device.</param>
    /// <param name="look">The look.</param>
    /// <param name="id">The look's id when the engine asked.</param>
    /// <returns>True if the look is complete; false if readers work on it.</returns>
    public bool Answer(Device device, Look look, long id)
    {
        look.Errno = 0;
        // Any other look concerns whatever device is at the path now.
        var keeps = look.Purpose == LookPurpose.Settle && device.Pending is not null;
        if (keeps && _directories.Get(device.Id) is { } kept)
        {
            if (Ask(device, look, kept, out var identityOfKept) || IsAlive(kept, look))
                return HandOn(look, id, kept, identityOfKept);
            // Everything below a removed kernfs directory is ENOENT; another instance may be at its path.
            _directories.Drop(device.Id);
        }
        var directory = Open(device, out var errno);
        Ask(device, look, directory, out var identity);
        look.Errno = errno;
        var complete = HandOn(look, id, directory, identity);
        if (keeps && directory is not null)
            _directories.Put(device.Id, directory);
        else
            directory?.Dispose();
        return complete;
    }

    /// <summary>Fetches a look whose values have been read, with the id under which it was asked.</summary>
    public bool TryTake(out Look look, out long id)
    {
        while (_readers.TryTake(out var result))
        {
            id = result.LookId;
            if (!_reading.Remove(result.LookId, out look!))
                continue;
            for (var i = 0; i < result.Answers.Length; i++)
                look.Sheet.Put(result.Job.Queries[i].Slot, result.Answers[i]);
            return true;
        }
        (look, id) = (null!, 0);
        return false;
    }

    /// <summary>Fetches the device of an abandoned read that has returned.</summary>
    public bool TryTakeReturned(out string devPath) => _readers.TryTakeReturned(out devPath!);

    /// <summary>Abandons a look.</summary>
    public void Abandon(long lookId)
    {
        if (_reading.Remove(lookId))
            _readers.Abandon(lookId);
    }

    /// <summary>Abandons all looks.</summary>
    public void AbandonAll()
    {
        foreach (var lookId in _reading.Keys)
            _readers.Abandon(lookId);
        _reading.Clear();
    }

    /// <summary>Closes a device's directory, because it is not needed any more or has another path now.</summary>
    public void Forget(Device device) => _directories.Drop(device.Id);

    /// <summary>
    /// Closes all directories, because uevents were lost, so that any device may have another path, or other devices are looked at from now on.
    /// </summary>
    public void ForgetAll() => _directories.Clear();

    public void Dispose()
    {
        _readers.Dispose();
        _directories.Dispose();
    }

    private DeviceDirectory? Open(Device device, out int errno)
    {
        var directory = DeviceDirectory.TryOpen(_tree, device.Node.Path, out errno);
        if (IsShort(errno) && GiveUpHandles())
            directory = DeviceDirectory.TryOpen(_tree, device.Node.Path, out errno);
        // Any reason other than absence proves nothing about the device.
        errno = LookErrors.Unknown(-errno);
        return directory;
    }

    private static bool IsShort(int errno) => errno == LibC.EMFILE || errno == LibC.ENFILE;

    // Another device's directory can be opened again. The last used one may be in use now.
    private bool GiveUpHandles()
    {
        var before = _directories.Count;
        while (_directories.Count > Math.Max(1, before - HandlesGivenUp))
            _directories.DropOldest();
        return _directories.Count < before;
    }

    // True if the last answer proves that the directory existed until then: below a removed one nothing is found.
    private bool Ask(Device device, Look look, DeviceDirectory? directory, out DeviceIdentity identity)
    {
        look.Instance = directory?.Instance ?? default;
        _blocking.Clear();
        identity = directory is null || look.Ask.Count == 0 ? default : IdentityOf(device, look.Ask);
        var isThere = false;
        ReadOnlySpan<byte> absent = default;
        foreach (var query in look.Ask)
        {
            if (query.Kind == QueryKind.Path && IsBelow(query.PathBytes.Span, absent))
            {
                look.Sheet.Put(query.Slot, Core.Rules.Answer.Absent);
                continue;
            }
            if (query.MayBlock && directory is not null)
            {
                _blocking.Add(query);
                continue;
            }
            var answer = Core.Rules.Answer.Absent;
            if (directory is not null && !TryAsk(directory, identity, query, out answer))
            {
                // The time of a walk grows with the directory.
                _blocking.Add(query);
                continue;
            }
            look.Sheet.Put(query.Slot, answer);
            isThere = false;
            if (query.Kind != QueryKind.Path)
                continue;
            isThere = answer.Exists && !PathText.MayLeave(query.PathBytes.Span);
            if (answer is { Exists: false, LinkTarget: null, CouldNotLook: false })
                absent = query.PathBytes.Span[..^1];
        }
        return isThere;
    }

    // Nothing exists below a path that was just not found: a virtual interface has no `device`, and so no `device/driver`.
    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> absent) =>
        absent.Length > 0 && path.Length > absent.Length && path[absent.Length] == (byte)'/' && path.StartsWith(absent) && !PathText.MayLeave(path);

    private bool TryAsk(DeviceDirectory directory, in DeviceIdentity identity, SysfsQuery query, out Answer answer)
    {
        var isQuick = _prober.TryAsk(directory, identity, query, out answer);
        return answer.CouldNotLook && IsShort(answer.Errno) && GiveUpHandles() ? _prober.TryAsk(directory, identity, query, out answer) : isQuick;
    }

    private bool HandOn(Look look, long id, DeviceDirectory? directory, in DeviceIdentity identity)
    {
        if (_blocking.Count == 0)
            return true;
        look.WentToWorker = true;
        _reading.Add(id, look);
        _readers.Submit(new ReadJob(id, directory!, identity, [.. _blocking]));
        return false;
    }

    // This check is half the cost of a look that finds nothing new, so it is made less often where a dead directory decides nothing.
    private static bool IsAlive(DeviceDirectory directory, Look look)
    {
        var now = Monotonic.NowUsec;
        if (!look.MustVerifyDirectory && now - directory.SeenAliveUsec < BelievedAliveUsec)
            return true;
        directory.SeenAliveUsec = now;
        return directory.IsAlive();
    }

    private static DeviceIdentity IdentityOf(Device device, List<SysfsQuery> ask)
    {
        foreach (var query in ask)
        {
            if (query.Kind is QueryKind.DeviceNode or QueryKind.UdevEntry)
                return Full(device);
        }
        return new DeviceIdentity(device.DevPath, device.Subsystem);
    }

    private static DeviceIdentity Full(Device device)
    {
        var properties = device.Pending is { Events.Count: > 0 } wait ? wait.Events[0].Properties : device.Properties;
        return new DeviceIdentity(
            device.DevPath, device.Subsystem, properties.Text("DEVNAME"), properties.Text("MAJOR"), properties.Text("MINOR"), properties.Text("IFINDEX"));
    }
}
