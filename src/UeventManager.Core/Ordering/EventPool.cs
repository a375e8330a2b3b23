using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>Makes events, and gives those that are released or ended to others once the step that ended them is over.</summary>
internal sealed class EventPool
{
    private readonly Stack<PendingEvent> _free = new();
    private readonly List<PendingEvent> _ended = [];

    /// <summary>An event that nobody has.</summary>
    public PendingEvent Take(UeventAction action, long seqnum, bool synthetic, long nowUsec)
    {
        if (!_free.TryPop(out var taken))
            taken = new PendingEvent();
        taken.Action = action;
        taken.Seqnum = seqnum;
        taken.Synthetic = synthetic;
        taken.ArrivedUsec = nowUsec;
        return taken;
    }

    /// <summary>The event is over. Whoever carries out the step's commands still reads it.</summary>
    public void Return(PendingEvent ended) => _ended.Add(ended);

    /// <summary>The commands of the step before are carried out.</summary>
    public void BeginStep()
    {
        if (_ended.Count == 0)
            return;
        foreach (var ended in _ended)
        {
            ended.Clear();
            _free.Push(ended);
        }
        _ended.Clear();
    }
}
