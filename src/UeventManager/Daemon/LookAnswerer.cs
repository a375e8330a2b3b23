using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Sysfs;

namespace UeventManager.Daemon;

/// <summary>
/// Answers the engine's looks: what cannot block at once, values by the readers. Directories of devices that wait are
/// kept open, so that a check costs a third.
/// </summary>
internal sealed class LookAnswerer : IDisposable
{
    // How long a kept directory is believed to be there where that decides nothing.
    private const long BelievedAliveUsec = 10_000;

    private readonly SysfsTree _tree;
    private readonly Prober _prober;
    private readonly DirectoryCache _directories = new();
    private readonly AttributeReaders _readers;
    private readonly Dictionary<long, Look> _reading = [];
    private readonly List<SysfsQuery> _blocking = [];

    public LookAnswerer(SysfsTree tree, DaemonOptions options, Action wake)
    {
        _tree = tree;
        _prober = new Prober(options.Dev);
        _readers = new AttributeReaders(() => new ValueReader(_prober, new UdevDatabase(options.UdevDb)), wake);
    }

    /// <summary>Reads that were given up and have not returned.</summary>
    public IReadOnlyList<StuckRead> Stuck => _readers.Stuck;

    /// <summary>Answers what can be answered now.</summary>
    /// <returns>True if the look is complete; false if readers are at it.</returns>
    public bool Answer(Device device, Look look)
    {
        var keep = look.Purpose == LookPurpose.Settle && device.Wait is not null;
        var directory = Open(device, look, keep, out var kept);
        look.Instance = directory?.Instance ?? default;
        _blocking.Clear();
        var identity = directory is null || look.Ask.Count == 0 ? default : IdentityOf(device, look.Ask);
        foreach (var query in look.Ask)
        {
            if (directory is null)
                look.Sheet.Put(query.Slot, Core.Rules.Answer.Absent);
            else if (query.MayBlock)
                _blocking.Add(query);
            else
                look.Sheet.Put(query.Slot, _prober.Ask(directory, identity, query));
        }
        var complete = _blocking.Count == 0;
        if (!complete)
        {
            _reading.Add(look.Id, look);
            _readers.Submit(new ReadJob(look.Id, directory!, identity, [.. _blocking]));
        }
        if (!kept)
            directory?.Dispose();
        return complete;
    }

    /// <summary>Fetches a look whose values have been read.</summary>
    public bool TryTake(out Look look)
    {
        while (_readers.TryTake(out var result))
        {
            if (!_reading.Remove(result.LookId, out look!))
                continue;
            for (var i = 0; i < result.Answers.Length; i++)
                look.Sheet.Put(result.Job.Queries[i].Slot, result.Answers[i]);
            return true;
        }
        look = null!;
        return false;
    }

    /// <summary>Fetches the device of a read that was given up and has returned.</summary>
    public bool TryTakeReturned(out string devPath) => _readers.TryTakeReturned(out devPath!);

    /// <summary>Nobody waits for a look's answers any more.</summary>
    public void Abandon(long lookId)
    {
        if (_reading.Remove(lookId))
            _readers.Abandon(lookId);
    }

    /// <summary>A device's directory is not needed any more, or has another path now.</summary>
    public void Forget(Device device) => _directories.Drop(device.Id);

    public void Dispose()
    {
        _readers.Dispose();
        _directories.Dispose();
    }

    private DeviceDirectory? Open(Device device, Look look, bool keep, out bool kept)
    {
        kept = true;
        var directory = _directories.Get(device.Id);
        if (directory is not null && !IsAlive(directory, look))
        {
            // Everything below a removed kernfs directory is ENOENT; another instance may stand at its path.
            _directories.Drop(device.Id);
            directory = null;
        }
        if (directory is not null)
            return directory;
        directory = DeviceDirectory.TryOpen(_tree, device.Node.Path, out _);
        kept = keep && directory is not null;
        if (kept)
            _directories.Put(device.Id, directory!);
        return directory;
    }

    // Half of what a look costs that finds nothing yet: where a dead directory decides nothing it is asked for less often.
    private static bool IsAlive(DeviceDirectory directory, Look look)
    {
        var now = Monotonic.NowUsec;
        if (!look.MayHoldInNothing && now - directory.SeenAliveUsec < BelievedAliveUsec)
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
        var properties = device.Wait is { Events.Count: > 0 } wait ? wait.Events[0].Properties : device.Properties;
        return new DeviceIdentity(
            device.DevPath, device.Subsystem, properties.Text("DEVNAME"), properties.Text("MAJOR"), properties.Text("MINOR"), properties.Text("IFINDEX"));
    }
}
