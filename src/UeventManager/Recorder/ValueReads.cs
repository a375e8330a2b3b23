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

    private static readonly ValueTest s_any = new() { NotEmpty = true };

    private readonly AttributeReaders _readers = new(static () => new ValueReader(new Prober(), new UdevDatabase("/nonexistent")), wake);
    private readonly Dictionary<string, SysfsQuery> _queries = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Read> _reads = [];
    private readonly Dictionary<(WatchedDevice, string), Known> _known = [];
    private long _id;

    /// <summary>Reads that are under way.</summary>
    public int Count => _reads.Count;

    /// <summary>Begins to read an attribute, unless that is under way.</summary>
    public void Begin(WatchedDevice device, string name)
    {
        if (device.Directory is not { } directory || _reads.Count >= MaxReads)
            return;
        if (!_known.TryGetValue((device, name), out var known))
            _known.Add((device, name), known = new Known());
        if (known.IsReading)
            return;
        known.IsReading = true;
        _reads.Add(++_id, new Read(device, name, Monotonic.NowUsec));
        _readers.Submit(new ReadJob(_id, directory, new DeviceIdentity(device.DevPath, device.Subsystem), [Query(name)]));
    }

    /// <summary>Takes what was read, and notes what hangs.</summary>
    public void Take(Action<RecordedLine> write)
    {
        var now = Monotonic.NowUsec;
        while (_readers.TryTake(out var result))
        {
            if (_reads.Remove(result.LookId, out var read) && _known.TryGetValue((read.Device, read.Name), out var known))
                Note(read, known, result.Answers[0], now, write);
        }
        while (_readers.TryTakeReturned(out _))
        {
        }
        List<long>? over = null;
        foreach (var (id, read) in _reads)
        {
            if (now - read.BeganUsec >= BlockedUsec && !read.IsTold)
            {
                read.IsTold = true;
                write(new BlockedLine(now, read.BeganUsec, read.Device.DevPath, read.Name));
            }
            if (now - read.BeganUsec >= GivenUpUsec)
                (over ??= []).Add(id);
        }
        foreach (var id in over ?? [])
        {
            // It stays marked as being read: nobody asks again for what hangs.
            _reads.Remove(id);
            _readers.Abandon(id);
        }
    }

    /// <summary>A device has gone.</summary>
    public void Forget(WatchedDevice device)
    {
        foreach (var key in _known.Keys.Where(key => key.Item1 == device).ToList())
            _known.Remove(key);
    }

    public void Dispose() => _readers.Dispose();

    private static void Note(Read read, Known known, in Answer answer, long now, Action<RecordedLine> write)
    {
        known.IsReading = false;
        if (answer.CouldNotLook || (!answer.Exists && answer.Value is null && answer.Errno == 0))
            return;
        var value = answer.Errno != 0 ? $"errno {answer.Errno}" : answer.Value;
        var isSame = known.HasValue && known.Value == value;
        if (!isSame || read.IsTold)
            write(new ValueLine(now, known.HasValue ? known.ReadUsec : read.BeganUsec, read.Device.DevPath, read.Name, answer.Errno != 0 ? null : answer.Value, answer.Errno, now - read.BeganUsec));
        (known.Value, known.HasValue, known.ReadUsec) = (value, true, read.BeganUsec);
    }

    private SysfsQuery Query(string name)
    {
        if (!_queries.TryGetValue(name, out var query))
            _queries.Add(name, query = new ConditionSet([new AttributeCondition(name, s_any)]).Queries.First(one => one.Path == name));
        return query;
    }

    private sealed class Read(WatchedDevice device, string name, long beganUsec)
    {
        public WatchedDevice Device => device;

        public string Name => name;

        public long BeganUsec => beganUsec;

        public bool IsTold { get; set; }
    }

    private sealed class Known
    {
        public bool IsReading { get; set; }

        public bool HasValue { get; set; }

        public string? Value { get; set; }

        public long ReadUsec { get; set; }
    }
}
