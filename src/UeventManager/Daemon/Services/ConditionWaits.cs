using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// The calls of <c>Wait</c> with conditions. Their looks have threads and a budget of their own, so that no client's question delays an event. The
/// limit of waiting calls bounds them.
/// </summary>
/// <param name="pipeline">The devices.</param>
/// <param name="readers">The threads.</param>
internal sealed class ConditionWaits(Pipeline pipeline, ConditionReaders readers)
{
    // The most that one look counts: a hanging one costs no CPU time.
    private const long DearestUsec = 2_000;
    private const long ShortestUsec = 1_000;

    private readonly LookBudget _budget = new();
    private readonly Dictionary<ConditionJob, ConditionWait> _looking = new(ReferenceEqualityComparer.Instance);
    private readonly List<ConditionWait> _waits = [];

    /// <summary>Answers a call with its devices.</summary>
    public required Action<VarlinkCall, IReadOnlyList<Device>> Answer { get; init; }

    /// <summary>Ends a call at its deadline, with the missing conditions.</summary>
    public required Action<VarlinkCall, IReadOnlyList<string>> Expire { get; init; }

    /// <summary>Ends a call whose client may not read one of the values.</summary>
    public required Action<VarlinkCall> Deny { get; init; }

    /// <summary>The time at which <see cref="Turn"/> must be called.</summary>
    public long NextDueUsec => _waits.Count == 0 ? long.MaxValue : _waits.Min(static wait => wait.Settling is not null ? long.MaxValue : Math.Min(wait.DueUsec, wait.DeadlineUsec));

    /// <summary>Begins a wait.</summary>
    public void Add(ConditionWait wait)
    {
        _waits.Add(wait);
        Settle(wait);
    }

    /// <summary>Removes a wait whose client has closed.</summary>
    public void Remove(ConditionWait wait)
    {
        _waits.Remove(wait);
        if (wait.Settling is { } settling)
            pipeline.Waiters.Remove(settling);
        if (wait.Looking is { } job && _looking.Remove(job))
            readers.Abandon(job);
    }

    /// <summary>Ends a wait whose devices did not settle in time: its conditions were not looked at.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="missing">The devices' missing conditions.</param>
    public void TimedOut(ConditionWait wait, IReadOnlyList<string> missing)
    {
        Remove(wait);
        Expire(wait.Call, [.. missing, .. wait.Missing]);
    }

    /// <summary>Takes results, begins due looks, and ends waits at their deadlines.</summary>
    public void Turn(long nowUsec)
    {
        while (readers.TryTake(out var job))
        {
            if (_looking.Remove(job, out var wait))
                wait.Call.Attempt(() => Take(wait, job, nowUsec));
        }
        for (var i = _waits.Count - 1; i >= 0; i--)
        {
            var wait = _waits[i];
            if (wait.Settling is not null)
                continue;
            if (wait.DeadlineUsec <= nowUsec)
                wait.Call.Attempt(() => TimedOut(wait, []));
            else if (wait.DueUsec <= nowUsec)
                wait.Call.Attempt(() => LookAgain(wait, nowUsec));
        }
    }

    private void LookAgain(ConditionWait wait, long nowUsec)
    {
        if (_budget.Allows(nowUsec))
            Settle(wait);
        else
            wait.DueUsec = Math.Min(_budget.ReadyUsec(nowUsec), wait.DeadlineUsec);
    }

    // Each look needs devices that are settled at that time.
    private void Settle(ConditionWait wait)
    {
        wait.DueUsec = long.MaxValue;
        var settling = wait.First(found =>
        {
            wait.Settling = null;
            Look(wait, found);
        });
        wait.Settling = settling;
        pipeline.Waiters.Add(settling, Monotonic.NowUsec);
    }

    private void Look(ConditionWait wait, IReadOnlyList<Device> found)
    {
        if (wait.SinceUsec == 0)
            wait.SinceUsec = Monotonic.NowUsec;
        var peer = wait.Call.Peer;
        wait.Looking = new ConditionJob(wait.Conditions, [.. found.Take(ConditionWait.MaxDevices).Select(device => (device.DevPath, device.Subsystem))], peer.Uid, ControlAccess.IsRoot(peer));
        _looking.Add(wait.Looking, wait);
        readers.Submit(wait.Looking);
    }

    private void Take(ConditionWait wait, ConditionJob job, long nowUsec)
    {
        wait.Looking = null;
        _budget.Spend(Math.Min(job.TookUsec, DearestUsec));
        if (job.IsDenied)
        {
            Remove(wait);
            Deny(wait.Call);
            return;
        }
        List<Device> held = [.. job.Held.Select(path => pipeline.Engine.Devices.Find(Encoding.UTF8.GetBytes(path))).OfType<Device>().Where(DeviceWait.IsSettled)];
        if (held.Count >= wait.Count)
        {
            Remove(wait);
            Answer(wait.Call, held);
            return;
        }
        wait.Missing = DeviceWait.Limit(job.Missing);
        wait.DueUsec = Math.Max(nowUsec + ShortestUsec, LookTimes.Next(wait.SinceUsec, nowUsec, wait.DeadlineUsec, eager: false));
    }
}
