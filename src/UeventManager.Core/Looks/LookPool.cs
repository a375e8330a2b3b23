using UeventManager.Core.Ordering;

namespace UeventManager.Core.Looks;

/// <summary>Makes looks, and uses those that have ended again. What was given up is not: a worker may still be about to answer it.</summary>
internal sealed class LookPool
{
    // Looks under way: nearly always one at a time.
    private const int MaxKept = 64;

    private readonly Stack<Look> _free = new();

    /// <summary>The id of the newest look: none that begins later has it, or a smaller one.</summary>
    public long LastId { get; set; }

    /// <summary>A look that begins now.</summary>
    /// <param name="device">Whom it is at.</param>
    /// <param name="purpose">Why.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="order">The last event before it.</param>
    public Look Take(Device device, LookPurpose purpose, long nowUsec, long order)
    {
        if (!_free.TryPop(out var look))
            look = new Look();
        (look.Id, look.Device, look.Purpose, look.Rules) = (++LastId, device, purpose, device.Rules);
        (look.StartedUsec, look.StartedOrder) = (nowUsec, order);
        return look;
    }

    /// <summary>A look asks on under another id: what was asked before has been given up, and its answer is ignored.</summary>
    public void Renew(Look look) => look.Id = ++LastId;

    /// <summary>A look has ended.</summary>
    public void Return(Look look)
    {
        look.Clear();
        if (_free.Count < MaxKept)
            _free.Push(look);
    }
}
