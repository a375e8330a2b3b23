using System.Diagnostics.CodeAnalysis;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>
/// Decides which runs may begin, and up to which batch all have ended. Runs of one device follow each other, also over its renames and for a later
/// device at its path; runs for a gap come after everything before it and before everything after it. Pure; not thread-safe.
/// </summary>
internal sealed class ActionPlan
{
    private readonly LinkedList<PlannedAction> _unfinished = new();
    private readonly Queue<ActionBatch> _batches = new();
    private readonly LinkedList<PlannedAction> _ready = new();
    private readonly Dictionary<string, List<PlannedAction>> _lastOf = new(StringComparer.Ordinal);
    private PlannedAction? _barrier;

    /// <summary>The number of runs that have not ended.</summary>
    public int Unfinished => _unfinished.Count;

    /// <summary>The newest batch that has ended together with all earlier ones; null if there is none yet.</summary>
    public ActionBatch? Committed { get; private set; }

    /// <summary>Adds a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="requests">Its runs, in order; none if no event is selected.</param>
    public void Add(ActionBatch batch, IEnumerable<ActionRequest> requests)
    {
        _batches.Enqueue(batch);
        foreach (ActionRequest request in requests)
        {
            var action = new PlannedAction(request, batch);
            batch.Unfinished++;
            if ((request.Origin ?? request.Event) is { } one)
                Order(action, one);
            else
                OrderBarrier(action);
            action.Node = _unfinished.AddLast(action);
            if (action.WaitsFor == 0)
                _ready.AddLast(action);
        }
        Commit();
    }

    /// <summary>Takes the next run that may begin.</summary>
    public bool TryTake([NotNullWhen(true)] out PlannedAction? action)
    {
        action = _ready.First?.Value;
        if (action is null)
            return false;
        _ready.RemoveFirst();
        return true;
    }

    /// <summary>Returns a run for another attempt.</summary>
    public void Return(PlannedAction action) => _ready.AddFirst(action);

    /// <summary>Notes that a run has ended, successfully or not.</summary>
    public void End(PlannedAction action)
    {
        _unfinished.Remove(action.Node!);
        foreach (string path in action.Paths)
        {
            if (_lastOf.TryGetValue(path, out List<PlannedAction>? last) && last.Remove(action) && last.Count == 0)
                _lastOf.Remove(path);
        }
        if (_barrier == action)
            _barrier = null;
        foreach (PlannedAction next in action.Dependents)
        {
            if (--next.WaitsFor == 0)
                _ready.AddLast(next);
        }
        action.Batch.Unfinished--;
        Commit();
    }

    private void Commit()
    {
        while (_batches.TryPeek(out ActionBatch? batch) && batch.Unfinished == 0)
        {
            Committed = _batches.Dequeue();
            Committed.IsCommitted = true;
        }
    }

    private void Order(PlannedAction action, UeventEvent one)
    {
        string path = one.Device.DevPath;
        string? old = one.OldDevPath == path ? null : one.OldDevPath;
        var before = new HashSet<PlannedAction>(ReferenceEqualityComparer.Instance);
        if (_barrier is not null)
            before.Add(_barrier);
        Replace(path, action, before);
        if (old is not null)
        {
            Replace(old, action, before);
            Rebase(old, path);
        }
        foreach (PlannedAction earlier in before)
            Follow(action, earlier);
    }

    private void OrderBarrier(PlannedAction action)
    {
        foreach (PlannedAction earlier in _unfinished)
            Follow(action, earlier);
        _barrier = action;
    }

    private void Replace(string path, PlannedAction action, HashSet<PlannedAction> before)
    {
        if (_lastOf.TryGetValue(path, out List<PlannedAction>? last))
        {
            foreach (PlannedAction earlier in last)
            {
                before.Add(earlier);
                earlier.Paths.Remove(path);
            }
        }
        _lastOf[path] = [action];
        action.Paths.Add(path);
    }

    // The kernel reports only the device that moves, not its descendants: their next events have the new path.
    private void Rebase(string old, string now)
    {
        foreach (string path in _lastOf.Keys.Where(path => DevicePlace.IsBelow(path, old)).ToArray())
        {
            string other = now + path[old.Length..];
            if (!_lastOf.TryGetValue(other, out List<PlannedAction>? last))
                _lastOf[other] = last = [];
            foreach (PlannedAction action in _lastOf[path].Except(last).ToArray())
            {
                last.Add(action);
                action.Paths.Add(other);
            }
        }
    }

    private static void Follow(PlannedAction action, PlannedAction earlier)
    {
        action.WaitsFor++;
        earlier.Dependents.Add(action);
    }
}
