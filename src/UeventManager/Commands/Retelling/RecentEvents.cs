using System.Diagnostics.CodeAnalysis;

namespace UeventManager.Commands.Retelling;

/// <summary>Information about recent events, by SEQNUM.</summary>
/// <param name="most">The number of events that are remembered, including those removed since.</param>
internal sealed class RecentEvents<T>(int most)
    where T : class
{
    private readonly Dictionary<long, T> _bySeqnum = [];
    private readonly Queue<long> _order = new();

    /// <summary>Adds an event; beyond the bound the oldest is forgotten.</summary>
    public void Add(long seqnum, T value)
    {
        if (!_bySeqnum.ContainsKey(seqnum))
            _order.Enqueue(seqnum);
        _bySeqnum[seqnum] = value;
        while (_order.Count > most)
            _bySeqnum.Remove(_order.Dequeue());
    }

    /// <summary>Finds an event.</summary>
    public bool TryGet(long seqnum, [NotNullWhen(true)] out T? value) => _bySeqnum.TryGetValue(seqnum, out value);

    /// <summary>Finds an event and forgets it.</summary>
    public bool Remove(long seqnum, [NotNullWhen(true)] out T? value) => _bySeqnum.Remove(seqnum, out value);
}
