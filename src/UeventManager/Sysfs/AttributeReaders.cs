using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>
/// The threads that read attributes. A read may block, even uninterruptibly, as long as a driver holds its device lock, so an abandoned read keeps
/// its thread and the pool gets another one instead, at most <see cref="MaxStuck"/> times; beyond that the pool shrinks until reads return, and jobs
/// wait for their <see cref="Abandon"/>. A hanging attribute is not read again for the same device meanwhile, so no device takes more threads than it
/// has hanging attributes. The queue holds at most one job for each unfinished look, so the caller's limit on waiting devices bounds it.
/// </summary>
internal sealed class AttributeReaders : IDisposable
{
    /// <summary>The default number of threads.</summary>
    public const int DefaultWorkers = 4;

    /// <summary>The most stuck reads whose thread is replaced.</summary>
    public const int MaxStuck = 64;

    /// <summary>The time for which all threads may be busy while a job waits, in milliseconds; then another thread is started.</summary>
    public const int GrowAfterMsec = 2;

    private const int StackBytes = 256 * 1024;

    private readonly object _gate = new();
    private readonly LinkedList<ReadJob> _queue = new();
    private readonly LinkedList<ReadJob> _behindStuck = new();
    private readonly Dictionary<long, LinkedListNode<ReadJob>> _queued = [];
    private readonly Dictionary<long, ReadWorker> _running = [];
    private readonly List<ReadWorker> _stuck = [];
    private readonly ConcurrentQueue<ReadResult> _results = new();
    private readonly ConcurrentQueue<string> _returned = new();
    private readonly Func<ValueReader> _newReader;
    private readonly Action _wake;
    private readonly int _workers;
    private readonly AutoResetEvent _crowded = new(false);
    private int _live;
    private int _idle;
    private long _taken;
    private bool _ended;

    /// <summary>Starts the threads.</summary>
    /// <param name="newReader">Creates a thread's reader.</param>
    /// <param name="wake">Called on a reader's thread after each result, or return of an abandoned read, that can be fetched.</param>
    /// <param name="workers">The number of threads that read at a time.</param>
    public AttributeReaders(Func<ValueReader> newReader, Action wake, int workers = DefaultWorkers)
    {
        _newReader = newReader;
        _wake = wake;
        _workers = workers;
        lock (_gate)
        {
            while (_live < workers)
                StartWorker();
        }
        new Thread(Grow, StackBytes) { IsBackground = true, Name = "attribute-pool" }.Start();
    }

    /// <summary>Abandoned reads that have not returned, oldest first.</summary>
    public IReadOnlyList<StuckRead> Stuck
    {
        get
        {
            lock (_gate)
                return [.. _stuck.Select(worker => worker.Stuck)];
        }
    }

    /// <summary>The number of jobs that no thread has begun.</summary>
    public int Queued
    {
        get
        {
            lock (_gate)
                return _queued.Count;
        }
    }

    /// <summary>Queues a job. Its device must be open; the look must have no other job.</summary>
    public void Submit(ReadJob job)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            var held = false;
            job.Device.DangerousAddRef(ref held);
            if (_stuck.Exists(worker => worker.HangsFor(job)))
                _queued.Add(job.LookId, _behindStuck.AddLast(job));
            else
                Enqueue(job);
        }
    }

    /// <summary>Abandons a look: its job is taken from the queue, or its read continues and the result is discarded.</summary>
    /// <returns>False if the result can already be fetched (the caller ignores it) or the look is unknown.</returns>
    public bool Abandon(long lookId)
    {
        lock (_gate)
        {
            if (_queued.Remove(lookId, out var node))
            {
                node.List!.Remove(node);
                node.Value.Device.DangerousRelease();
                return true;
            }
            if (!_running.Remove(lookId, out var worker))
                return false;
            worker.Abandoned = true;
            _stuck.Add(worker);
            _live--;
            if (_live < _workers && _stuck.Count <= MaxStuck)
                StartWorker();
            return true;
        }
    }

    /// <summary>
    /// The time since which a thread has been working on a look's job, in CLOCK_MONOTONIC microseconds; null if none is: the job waits, or its result
    /// can be fetched.
    /// </summary>
    public long? RunningSinceUsec(long lookId)
    {
        lock (_gate)
            return _running.TryGetValue(lookId, out var worker) ? worker.Reader.CurrentSinceUsec : null;
    }

    /// <summary>Fetches a result, if there is one.</summary>
    public bool TryTake(out ReadResult result) => _results.TryDequeue(out result);

    /// <summary>Fetches the devpath, as of the read's beginning, of an abandoned read that has returned. At most one for each stuck read.</summary>
    public bool TryTakeReturned([NotNullWhen(true)] out string? devPath) => _returned.TryDequeue(out devPath);

    /// <summary>Ends the threads, and those of stuck reads when they return. It does not wait, because they may never return.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (var node in _queued.Values)
                node.Value.Device.DangerousRelease();
            _queue.Clear();
            _behindStuck.Clear();
            _queued.Clear();
            Monitor.PulseAll(_gate);
            _crowded.Set();
        }
    }

    // Blocked reads must not delay others: while jobs wait and no thread takes one, the pool grows.
    private void Grow()
    {
        while (_crowded.WaitOne())
        {
            for (var crowded = true; crowded;)
            {
                long before;
                lock (_gate)
                    before = _taken;
                _crowded.WaitOne(GrowAfterMsec);
                lock (_gate)
                {
                    if (_ended)
                        return;
                    crowded = _queue.Count > _idle;
                    if (crowded && _taken == before && _live + _stuck.Count < _workers + MaxStuck)
                        StartWorker();
                }
            }
        }
    }

    private void Enqueue(ReadJob job)
    {
        _queued[job.LookId] = _queue.AddLast(job);
        Monitor.Pulse(_gate);
        if (_queue.Count > _idle)
            _crowded.Set();
    }

    private void StartWorker()
    {
        _live++;
        var worker = new ReadWorker(_newReader());
        new Thread(() => Run(worker), StackBytes) { IsBackground = true, Name = "attribute-read" }.Start();
    }

    private void Run(ReadWorker worker)
    {
        while (Take(worker) is { } job)
        {
            var answers = new Answer[job.Queries.Count];
            for (var i = 0; i < answers.Length && !worker.Abandoned; i++)
            {
                worker.Asking = job.Queries[i];
                answers[i] = worker.Reader.Ask(job.Device, job.Identity, job.Queries[i]);
            }
            var ended = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
            job.Device.DangerousRelease();
            if (Finish(worker, new ReadResult(job, answers) { BeganUsec = worker.Reader.CurrentSinceUsec, EndedUsec = ended }))
                _wake();
        }
    }

    private ReadJob? Take(ReadWorker worker)
    {
        lock (_gate)
        {
            if (worker.Abandoned)
            {
                // The read returned after all. A worker that was not replaced continues.
                _stuck.Remove(worker);
                worker.Abandoned = false;
                RequeueBehind();
                if (_live >= _workers)
                    return null;
                _live++;
            }
            while (_queue.First is null && !_ended)
            {
                // A worker that was started because the others were blocked ends when there is no job.
                if (_live > _workers)
                {
                    _live--;
                    return null;
                }
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }
            if (_ended)
                return null;
            _taken++;
            var job = _queue.First!.Value;
            _queue.RemoveFirst();
            _queued.Remove(job.LookId);
            _running.Add(job.LookId, worker);
            worker.Job = job;
            return job;
        }
    }

    private void RequeueBehind()
    {
        for (var node = _behindStuck.First; node is not null;)
        {
            var (job, next) = (node.Value, node.Next);
            if (!_stuck.Exists(worker => worker.HangsFor(job)))
            {
                _behindStuck.Remove(node);
                Enqueue(job);
            }
            node = next;
        }
    }

    private bool Finish(ReadWorker worker, ReadResult result)
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            if (worker.Abandoned)
            {
                _returned.Enqueue(result.Job.Identity.DevPath);
                return true;
            }
            _running.Remove(result.LookId);
            _results.Enqueue(result);
            return true;
        }
    }
}
