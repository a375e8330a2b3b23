using System.Collections.Concurrent;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// The threads that look for clients' conditions, apart from those for rules: a hanging read keeps its thread, at most <see cref="MaxPerUid"/> for
/// one user and <see cref="MaxThreads"/> in all, of which <see cref="Reserved"/> are kept for root. Further jobs wait; each call has at most one job
/// here.
/// </summary>
internal sealed class ConditionReaders(SysfsTree tree, DaemonOptions options, Action wake) : IDisposable
{
    /// <summary>The most threads.</summary>
    public const int MaxThreads = 8;

    /// <summary>The most threads that one user other than root keeps busy.</summary>
    public const int MaxPerUid = 2;

    /// <summary>The number of threads reserved for root.</summary>
    public const int Reserved = 2;

    private const int StackBytes = 256 * 1024;

    private readonly object _gate = new();
    private readonly LinkedList<ConditionJob> _queue = new();
    private readonly List<ConditionJob> _running = [];
    private readonly ConcurrentQueue<ConditionJob> _done = new();
    private int _threads;
    private int _idle;
    private bool _ended;

    /// <summary>Queues a job for the next free thread.</summary>
    public void Submit(ConditionJob job)
    {
        lock (_gate)
        {
            _queue.AddLast(job);
            if (_idle < _queue.Count && _threads < MaxThreads)
            {
                _threads++;
                new Thread(Run, StackBytes) { IsBackground = true, Name = "condition-read" }.Start();
            }
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Abandons a job. If it has begun, it continues and its result is ignored.</summary>
    public void Abandon(ConditionJob job)
    {
        lock (_gate)
            _queue.Remove(job);
    }

    /// <summary>Fetches a finished job.</summary>
    public bool TryTake(out ConditionJob job) => _done.TryDequeue(out job!);

    /// <summary>Ends the threads, except those that hang.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _queue.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        var prober = new Prober(options.Dev);
        var reader = new ValueReader(prober, new UdevDatabase(options.UdevDb));
        while (Take() is { } job)
        {
            var began = Monotonic.NowUsec;
            foreach (var (devPath, subsystem) in job.Devices)
                Look(reader, job, devPath, subsystem);
            job.TookUsec = Monotonic.NowUsec - began;
            lock (_gate)
            {
                _running.Remove(job);
                if (_ended)
                    return;
                Monitor.PulseAll(_gate);
            }
            _done.Enqueue(job);
            wake();
        }
    }

    private ConditionJob? Take()
    {
        lock (_gate)
        {
            while (!_ended)
            {
                if (_queue.FirstOrDefault(MayRun) is { } job)
                {
                    _queue.Remove(job);
                    _running.Add(job);
                    return job;
                }
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }
            return null;
        }
    }

    private bool MayRun(ConditionJob job) => job.MayReadAll
        || (_running.Count(one => one.Uid == job.Uid) < MaxPerUid && _running.Count(one => !one.MayReadAll) < MaxThreads - Reserved);

    private void Look(ValueReader reader, ConditionJob job, string devPath, string subsystem)
    {
        using var directory = DeviceDirectory.TryOpen(tree, devPath, out _);
        if (directory is null)
        {
            job.Missing.Add($"{devPath}: no such device");
            return;
        }
        if (!job.MayReadAll && job.Conditions.Queries.Any(query => !PublicPaths.MayAnswer(directory, devPath, query)))
        {
            job.IsDenied = true;
            return;
        }
        var text = reader.Ask(directory, new DeviceIdentity(devPath, subsystem), job.Conditions.UeventFile).Value;
        string? Property(string key) => key switch { "DEVPATH" => devPath, "SUBSYSTEM" => subsystem, _ => UeventFile.Find(text, key) };
        var identity = new DeviceIdentity(devPath, subsystem, Property("DEVNAME"), Property("MAJOR"), Property("MINOR"), Property("IFINDEX"));
        var facts = new LookFacts { DevPath = devPath, SysName = identity.SysName, Property = Property, StartedUsec = Monotonic.NowUsec };
        facts.Reset(job.Conditions.Slots);
        foreach (var query in job.Conditions.Queries)
            facts.Put(query.Slot, reader.Ask(directory, identity, query));
        var missing = job.Conditions.Missing(facts);
        // The handle belongs to the instance that was opened; if that one was removed meanwhile, its answers mean nothing.
        if (missing.Count == 0 && directory.IsAlive())
            job.Held.Add(devPath);
        else if (missing.Count == 0)
            job.Missing.Add($"{devPath}: no such device");
        else
            job.Missing.AddRange(missing.Select(one => $"{devPath}: {one}"));
    }
}
