using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>
/// Reads attributes on worker threads, so that a read that hangs does no harm: after a second it is given up, and the attribute is not read again
/// before the read returns. Everything except the workers runs on the recorder's thread.
/// </summary>
/// <param name="wake">Called when a read has ended.</param>
internal sealed class ValueReads(Action wake) : IDisposable
{
    /// <summary>A read of this length is reported while it lasts.</summary>
    public const long BlockedUsec = 100_000;

    /// <summary>The time after which a read is given up.</summary>
    public const long GivenUpUsec = 1_000_000;

    /// <summary>The most reads in progress; further attributes are read at a later look.</summary>
    public const int MaxReads = 4096;

    // With more in progress, the values of arriving devices would wait for those of existing ones.
    private const int MostBeside = 16;

    // A device's values are read again after this time, later after an eighth of the time since its last uevent.
    private const long AgainUsec = 10_000;
    private const int AgainFraction = 8;

    // The interval of checks for hanging reads, and the longest wait for a thread.
    private const long CheckUsec = 20_000;
    private const long LongestQueueUsec = 10_000_000;

    private static readonly ValueTest s_any = new() { NotEmpty = true };

    private readonly AttributeReaders _readers = new(static () => new ValueReader(new Prober(), new UdevDatabase("/nonexistent")), wake);
    private readonly Dictionary<string, SysfsQuery> _queries = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Read> _reads = [];
    private readonly Dictionary<WatchedDevice, KnownValues> _known = [];

    // Reads that hang, by their device's devpath when they began, because workers report them by it when they return.
    private readonly Dictionary<string, List<Read>> _givenUp = new(StringComparer.Ordinal);
    private readonly Queue<WatchedDevice> _waiting = new();
    private long _id;
    private long _checkUsec;

    /// <summary>True while reads are in progress or waiting.</summary>
    public bool AreUnderWay => _reads.Count > 0 || _waiting.Count > 0;

    /// <summary>Starts to read a device's values.</summary>
    /// <param name="device">The device; it is open.</param>
    /// <param name="withValues">False for its <c>uevent</c> file only.</param>
    public void BeginAll(WatchedDevice device, bool withValues)
    {
        var now = Monotonic.NowUsec;
        var all = Of(device);
        // Reading takes longer than listing, and runs drivers' code: new attributes are read at once, known ones only at intervals.
        var isAgain = now - all.AgainUsec >= Math.Max(AgainUsec, (now - device.SinceUsec) / AgainFraction);
        if (isAgain)
            all.AgainUsec = now;
        foreach (var name in withValues ? device.Attributes.Prepend("uevent").Distinct() : ["uevent"])
        {
            if (isAgain || !all.Values.ContainsKey(name))
                Begin(device, name);
        }
    }

    /// <summary>Reads all values of a device once few reads are in progress.</summary>
    public void BeginLater(WatchedDevice device) => _waiting.Enqueue(device);

    /// <summary>Starts the reads that wait.</summary>
    /// <param name="isWanted">Whether a device should still be read.</param>
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

    /// <summary>Starts to read an attribute, unless a read of it is in progress.</summary>
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

    /// <summary>Takes the values that were read, and reports reads that hang.</summary>
    /// <param name="write">Receives the lines.</param>
    /// <param name="returned">Receives the devices for which a hanging read has returned, so that they can be read again.</param>
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

    /// <summary>Forgets a device that is gone.</summary>
    public void Forget(WatchedDevice device) => _known.Remove(device);

    public void Dispose() => _readers.Dispose();

    // A read that waits for a thread does not count as hanging.
    private void NoteHanging(long now, Action<RecordedLine> write)
    {
        List<long>? over = null;
        foreach (var (id, read) in _reads)
        {
            if (now - read.QueuedUsec < BlockedUsec)
                continue;
            if (_readers.RunningSinceUsec(id) is not { } since)
            {
                // It waits behind a read that hangs, or in a queue that does not get shorter: it is requested again at a later look.
                if (now - read.QueuedUsec >= LongestQueueUsec)
                    (over ??= []).Add(id);
                continue;
            }
            // A thread that has just taken the read may still show the start of its previous one.
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
                // It stays marked as being read, so that the attribute is not requested again before the read returns.
                if (!_givenUp.TryGetValue(read.DevPath, out var hanging))
                    _givenUp.Add(read.DevPath, hanging = []);
                hanging.Add(read);
            }
            _readers.Abandon(id);
        }
    }

    // The worker does not report which of several reads returned. One that still hangs is queued behind itself and given up once more.
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
