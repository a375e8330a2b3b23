using System.Diagnostics.CodeAnalysis;

namespace UeventManager.Commands.Retelling;

/// <summary>What is known of events by their number, of those that were added last.</summary>
/// <param name="most">How many of them, those that were removed since included.</param>
internal sealed class RecentEvents<T>(int most)
    where T : class
{
    private readonly Dictionary<long, T> _bySeqnum = [];
    private readonly Queue<long> _order = new();

    /// <summary>Adds one; the oldest goes beyond the bound.</summary>
    public void Add(long seqnum, T value)
    {
        if (!_bySeqnum.ContainsKey(seqnum))
            _order.Enqueue(seqnum);
        _bySeqnum[seqnum] = value;
        while (_order.Count > most)
            _bySeqnum.Remove(_order.Dequeue());
    }

    /// <summary>Finds one.</summary>
    public bool TryGet(long seqnum, [NotNullWhen(true)] out T? value) => _bySeqnum.TryGetValue(seqnum, out value);

    /// <summary>Finds one and forgets it.</summary>
    public bool Remove(long seqnum, [NotNullWhen(true)] out T? value) => _bySeqnum.Remove(seqnum, out value);
}
