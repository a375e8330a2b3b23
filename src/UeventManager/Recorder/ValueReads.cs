using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>
/// Reads attributes by workers that may hang without harm: a read that takes longer than a second is given up, and what hangs is not asked again before
/// it returns. On the recorder's thread but for the workers.
/// </summary>
/// <param name="wake">Called when something was read.</param>
internal sealed class ValueReads(Action wake) : IDisposable
{
    /// <summary>A read that takes this long is told of while it lasts.</summary>
    public const long BlockedUsec = 100_000;

    /// <summary>Longest that a read is waited for.</summary>
    public const long GivenUpUsec = 1_000_000;

    /// <summary>Most reads that are under way; what is beyond is read at a later look.</summary>
    public const int MaxReads = 4096;

    // With more under way, values of a device that arrives would wait for those of devices that were there before.
    private const int MostBeside = 16;

    // Those of one device are read again after so long, later after an eighth of the time since its last uevent.
    private const long AgainUsec = 10_000;
    private const int AgainFraction = 8;

    // How often it is asked which reads hang, and how long one may wait for a thread.
    private const long CheckUsec = 20_000;
    private const long LongestQueueUsec = 10_000_000;

    private static readonly ValueTest s_any = new() { NotEmpty = true };

    private readonly AttributeReaders _readers = new(static () => new ValueReader(new Prober(), new UdevDatabase("/nonexistent")), wake);
    private readonly Dictionary<string, SysfsQuery> _queries = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Read> _reads = [];
    private readonly Dictionary<WatchedDevice, KnownValues> _known = [];

    // Reads that hang, by the devpath that their device had when they began: that is what their workers tell of them when they return.
    private readonly Dictionary<string, List<Read>> _givenUp = new(StringComparer.Ordinal);
    private readonly Queue<WatchedDevice> _waiting = new();
    private long _id;
    private long _checkUsec;

    /// <summary>True while something is read, or waits for it.</summary>
    public bool AreUnderWay => _reads.Count > 0 || _waiting.Count > 0;

    /// <summary>Begins to read what may be read of a device.</summary>
    /// <param name="device">The device; it is open.</param>
    /// <param name="withValues">False for its <c>uevent</c> file alone.</param>
    public void BeginAll(WatchedDevice device, bool withValues)
    {
        var now = Monotonic.NowUsec;
        var all = Of(device);
        // To read takes longer than to list, and runs drivers' code: what is new is read at once, all else now and then.
        var isAgain = now - all.AgainUsec >= Math.Max(AgainUsec, (now - device.SinceUsec) / AgainFraction);
        if (isAgain)
            all.AgainUsec = now;
        foreach (var name in withValues ? device.Attributes.Prepend("uevent").Distinct() : ["uevent"])
        {
            if (isAgain || !all.Values.ContainsKey(name))
                Begin(device, name);
        }
    }

    /// <summary>Reads all values of a device, once those that are under way have become few.</summary>
    public void BeginLater(WatchedDevice device) => _waiting.Enqueue(device);

    /// <summary>Begins to read what waits.</summary>
    /// <param name="isWanted">Whether a device is still to be read.</param>
    public void BeginWhatWaits(Func<WatchedDevice, bool> isWanted)
    {
        while (_reads.Count < MostBeside && _waiting.TryDequeue(out var device))
        {
            if (!isWanted(device) || !device.Open())
                continue;
            BeginAll(device, withValues: true);
            device.Rest();
        }
    }

    /// <summary>Begins to read an attribute, unless that is under way.</summary>
    public void Begin(WatchedDevice device, string name)
    {
        if (device.Directory is not { } directory || _reads.Count >= MaxReads)
            return;
        var all = Of(device).Values;
        if (!all.TryGetValue(name, out var known))
            all.Add(name, known = new Known { IsData = !device.MayRead(name) });
        if (known.IsReading || known.IsData)
            return;
        known.IsReading = true;
        _reads.Add(++_id, new Read(device, name, device.DevPath, Monotonic.NowUsec));
        _readers.Submit(new ReadJob(_id, directory, new DeviceIdentity(device.DevPath, device.Subsystem), [Query(name)]));
    }

    /// <summary>Takes what was read, and notes what hangs.</summary>
    /// <param name="write">Gets the lines.</param>
    /// <param name="returned">Gets the devices of which something may be read again that hung.</param>
    public void Take(Action<RecordedLine> write, Action<WatchedDevice> returned)
    {
        var now = Monotonic.NowUsec;
        while (_readers.TryTake(out var result))
        {
            if (_reads.Remove(result.LookId, out var read) && Of(read) is { } known)
                Note(read, known, result, write);
        }
        while (_readers.TryTakeReturned(out var devPath))
            TakeReturned(devPath, returned);
        if (now >= _checkUsec)
        {
            _checkUsec = now + CheckUsec;
            NoteHanging(now, write);
        }
    }

    /// <summary>A device has gone.</summary>
    public void Forget(WatchedDevice device) => _known.Remove(device);

    public void Dispose() => _readers.Dispose();

    // What waits for a thread does not hang.
    private void NoteHanging(long now, Action<RecordedLine> write)
    {
        List<long>? over = null;
        foreach (var (id, read) in _reads)
        {
            if (now - read.QueuedUsec < BlockedUsec)
                continue;
            if (_readers.RunningSinceUsec(id) is not { } since)
            {
                // Behind a read that hangs, or in a queue that does not get shorter: it is asked for again at a later look.
                if (now - read.QueuedUsec >= LongestQueueUsec)
                    (over ??= []).Add(id);
                continue;
            }
            // A thread that has just taken it may still show the time of its last one.
            var began = Math.Max(since, read.QueuedUsec);
            if (now - began < BlockedUsec)
                continue;
            if (!read.IsTold)
            {
                read.IsTold = true;
                write(new BlockedLine(now, began, read.Device.DevPath, read.Name));
            }
            if (now - began >= GivenUpUsec)
                (over ??= []).Add(id);
        }
        foreach (var id in over ?? [])
        {
            if (_reads.Remove(id, out var read) && _readers.RunningSinceUsec(id) is null)
            {
                Of(read)?.IsReading = false;
            }
            else if (read is not null)
            {
                // It stays marked as being read: nobody asks again for what hangs, until it returns.
                if (!_givenUp.TryGetValue(read.DevPath, out var hanging))
                    _givenUp.Add(read.DevPath, hanging = []);
                hanging.Add(read);
            }
            _readers.Abandon(id);
        }
    }

    // Which of several it was is not told: what hangs still is queued behind itself, and given up once more.
    private void TakeReturned(string devPath, Action<WatchedDevice> returned)
    {
        if (!_givenUp.Remove(devPath, out var hanging))
            return;
        foreach (var read in hanging)
        {
            if (Of(read) is { } known)
                known.IsReading = false;
            returned(read.Device);
        }
    }

    private Known? Of(Read read) => _known.TryGetValue(read.Device, out var all) ? all.Values.GetValueOrDefault(read.Name) : null;

    private KnownValues Of(WatchedDevice device)
    {
        if (!_known.TryGetValue(device, out var all))
            _known.Add(device, all = new KnownValues());
        return all;
    }

    private static void Note(Read read, Known known, in ReadResult result, Action<RecordedLine> write)
    {
        known.IsReading = false;
        var answer = result.Answers[0];
        if (answer.CouldNotLook || (!answer.Exists && answer.Value is null && answer.Errno == 0))
            return;
        var value = answer.Errno != 0 ? $"errno {answer.Errno}" : answer.Value;
        var isSame = known.HasValue && known.Value == value;
        if (!isSame || read.IsTold)
            write(new ValueLine(result.EndedUsec, known.HasValue ? known.ReadUsec : result.BeganUsec, read.Device.DevPath, read.Name, answer.Errno != 0 ? null : answer.Value, answer.Errno, result.EndedUsec - result.BeganUsec));
        (known.Value, known.HasValue, known.ReadUsec) = (value, true, result.BeganUsec);
    }

    private SysfsQuery Query(string name)
    {
        if (!_queries.TryGetValue(name, out var query))
            _queries.Add(name, query = new ConditionSet([new AttributeCondition(name, s_any)]).Queries.First(one => one.Path == name));
        return query;
    }

    private sealed class Read(WatchedDevice device, string name, string devPath, long queuedUsec)
    {
        public WatchedDevice Device => device;

        public string Name => name;

        public string DevPath => devPath;

        public long QueuedUsec => queuedUsec;

        public bool IsTold { get; set; }
    }

    private sealed class KnownValues
    {
        public Dictionary<string, Known> Values { get; } = new(StringComparer.Ordinal);

        public long AgainUsec { get; set; }
    }

    private sealed class Known
    {
        public bool IsReading { get; set; }

        public bool IsData { get; init; }

        public bool HasValue { get; set; }

        public string? Value { get; set; }

        public long ReadUsec { get; set; }
    }
}
