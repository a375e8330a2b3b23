using System.Diagnostics.CodeAnalysis;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>
/// Which run may begin, and up to where all have ended. Runs of one device follow each other, also over its renames and over a device that takes
/// its path; those of a gap come after everything before it and before everything after it. Pure; one thread at a time.
/// </summary>
internal sealed class ActionPlan
{
    private readonly LinkedList<PlannedAction> _unfinished = new();
    private readonly Queue<ActionBatch> _batches = new();
    private readonly LinkedList<PlannedAction> _ready = new();
    private readonly Dictionary<string, List<PlannedAction>> _lastOf = new(StringComparer.Ordinal);
    private PlannedAction? _barrier;

    /// <summary>Runs that have not ended.</summary>
    public int Unfinished => _unfinished.Count;

    /// <summary>The newest batch before which, and of which, everything has ended; null if there is none yet.</summary>
    public ActionBatch? Committed { get; private set; }

    /// <summary>Adds what shares one cursor.</summary>
    /// <param name="batch">The cursor, and what is known then.</param>
    /// <param name="requests">Its runs, in order; none if the program is not asked to see it.</param>
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

    /// <summary>Gives back a run that is to be tried again.</summary>
    public void Return(PlannedAction action) => _ready.AddFirst(action);

    /// <summary>Takes note that a run has ended, well or not.</summary>
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

    // The kernel tells of the device that moves, not of those below it: their next events name the new place.
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
