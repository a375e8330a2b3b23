using System.Diagnostics.CodeAnalysis;
using UeventManager.Daemon;

namespace UeventManager.Recorder;

/// <summary>
/// Schedules looks at devices: each after a sixteenth of the time since the device's last uevent. All looks together use at most half of one CPU.
/// </summary>
internal sealed class LookSchedule
{
    private const long FirstIntervalUsec = 100;
    private const long LastIntervalUsec = 500_000;
    private const int Fraction = 16;

    // The longest series of looks after a rest.
    private const long MostCreditUsec = 200_000;

    private readonly PriorityQueue<WatchedDevice, long> _due = new();
    private long _creditUsec = MostCreditUsec;
    private long _creditAtUsec = Monotonic.NowUsec;

    /// <summary>When the next look is due; <see cref="long.MaxValue"/> if none is.</summary>
    public long NextDueUsec(long now)
    {
        if (!_due.TryPeek(out _, out var due))
            return long.MaxValue;
        Refill(now);
        return _creditUsec >= 0 ? due : Math.Max(due, now - (_creditUsec * 2));
    }

    /// <summary>Takes a device whose look is due and affordable.</summary>
    /// <param name="now">The time; <see cref="long.MaxValue"/> to take all that are left.</param>
    /// <param name="device">The device.</param>
    public bool TryTake(long now, [NotNullWhen(true)] out WatchedDevice? device)
    {
        if (now != long.MaxValue)
            Refill(now);
        while (_due.TryPeek(out device, out var due))
        {
            // An outdated entry: the device was looked at since, or its look was advanced.
            if (device.DueUsec != due)
            {
                _due.Dequeue();
                continue;
            }
            if (due > now || (_creditUsec < 0 && now != long.MaxValue))
                break;
            _due.Dequeue();
            device.DueUsec = long.MaxValue;
            return true;
        }
        device = null;
        return false;
    }

    /// <summary>Schedules the next look at a device, after a time that grows with the time since its last uevent.</summary>
    public void Again(WatchedDevice device, long now)
    {
        device.DueUsec = now + Math.Clamp((now - device.SinceUsec) / Fraction, FirstIntervalUsec, LastIntervalUsec);
        _due.Enqueue(device, device.DueUsec);
    }

    /// <summary>Charges the CPU time of a look. Time for which others ran, or datagrams before it in the same batch were taken, is not its own.</summary>
    public void Spend(long usec) => _creditUsec = Math.Max(-MostCreditUsec, _creditUsec - usec);

    /// <summary>True while looks have not used more than their share.</summary>
    public bool HasCredit(long now)
    {
        Refill(now);
        return _creditUsec >= 0;
    }

    private void Refill(long now)
    {
        _creditUsec = Math.Min(MostCreditUsec, _creditUsec + ((now - _creditAtUsec) / 2));
        _creditAtUsec = now;
    }
}
