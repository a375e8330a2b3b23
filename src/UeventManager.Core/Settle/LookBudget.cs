namespace UeventManager.Core.Settle;

/// <summary>
/// Limits the time for repeated looks to a third of one CPU, with credit for bursts. Beyond the limit looks come later, which is counted; the first
/// look after an event's arrival and deadlines are never delayed. While looks take less than a fiftieth of one CPU, intervals are short
/// (<see cref="IsEager"/>).
/// </summary>
public sealed class LookBudget
{
    /// <summary>Looks may take one part in this many of the time.</summary>
    public const int Share = 3;

    /// <summary>The largest credit, in microseconds of looking.</summary>
    public const long MostCreditUsec = 100_000;

    /// <summary>Lateness that a wake-up alone can cause, in microseconds: such a look did not wait for the budget.</summary>
    public const long WakeUpUsec = 500;

    /// <summary>Harmless lateness, in microseconds: within the noise of a busy machine, and too short for a person to notice.</summary>
    public const long ToleratedUsec = 50_000;

    /// <summary>
    /// A look may also be late by one part in this many of its interval: intervals are 7.7 % of the time waited, and a quarter more is still within
    /// the promised 10 % (<see cref="LookTimes"/>).
    /// </summary>
    public const long ToleratedShare = 4;

    /// <summary>Looks at short intervals may take one part in this many of the time, with proportionally less credit.</summary>
    public const int EagerShare = 50;

    private readonly TimeCredit _all = new(Share, MostCreditUsec);
    private readonly TimeCredit _eager = new(EagerShare, MostCreditUsec * Share / EagerShare);

    /// <summary>The number of looks that came late because the budget was used up.</summary>
    public long Deferred { get; private set; }

    /// <summary>The longest lateness of a look since the start, in microseconds.</summary>
    public long WorstLagUsec { get; private set; }

    /// <summary>Begins with full credit.</summary>
    public LookBudget()
    {
    }

    /// <summary>Begins with full credit and continues the counters of another budget.</summary>
    internal LookBudget(LookBudget before) => (Deferred, WorstLagUsec, TooLate) = (before.Deferred, before.WorstLagUsec, before.TooLate);

    /// <summary>Adds the credit gained since the last call.</summary>
    /// <returns>Whether another look is affordable.</returns>
    public bool Allows(long nowUsec) => _all.Take(nowUsec);

    /// <summary>Whether another look is affordable, without changing anything.</summary>
    public bool WouldAllow(long nowUsec) => _all.Usec(nowUsec) > 0;

    /// <summary>Whether repeated looks have cost so little that the next one may come soon.</summary>
    public bool IsEager(long nowUsec) => _eager.Take(nowUsec);

    /// <summary>The time at which a look is affordable again.</summary>
    public long ReadyUsec(long nowUsec) => _all.ReadyUsec(nowUsec);

    /// <summary>Subtracts the cost of a look.</summary>
    public void Spend(long usec)
    {
        _all.Spend(usec);
        // Thousands of waiting devices cost far more than the eager budget; once most are settled, the others must not pay for that.
        _eager.SpendAtMost(usec);
    }

    /// <summary>The number of deferred looks that were noticeably late.</summary>
    public long TooLate { get; private set; }

    /// <summary>Notes a look that waited for the budget.</summary>
    /// <param name="usec">Its lateness, in microseconds.</param>
    /// <param name="intervalUsec">The interval from the previous look to its due time, in microseconds.</param>
    public void Late(long usec, long intervalUsec)
    {
        Deferred++;
        if (usec > Math.Max(ToleratedUsec, intervalUsec / ToleratedShare))
            TooLate++;
        WorstLagUsec = Math.Max(WorstLagUsec, usec);
    }
}
