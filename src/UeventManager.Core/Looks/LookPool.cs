using UeventManager.Core.Ordering;

namespace UeventManager.Core.Looks;

/// <summary>Creates looks and reuses ended ones. Abandoned looks are not reused, because a worker may still write an answer into them.</summary>
internal sealed class LookPool
{
    // Nearly always only one look is under way.
    private const int MaxKept = 64;

    private readonly Stack<Look> _free = new();

    /// <summary>The id of the newest look; later looks have greater ids.</summary>
    public long LastId { get; set; }

    /// <summary>Begins a look.</summary>
    /// <param name="device">The device to look at.</param>
    /// <param name="purpose">The purpose.</param>
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

    /// <summary>Gives a look another id: the previous question was abandoned, and its answer is ignored.</summary>
    public void Renew(Look look) => look.Id = ++LastId;

    /// <summary>Takes an ended look back.</summary>
    public void Return(Look look)
    {
        look.Clear();
        if (_free.Count < MaxKept)
            _free.Push(look);
    }
}
