namespace UeventManager.Core.Settle;

/// <summary>
/// How much time repeated looks may take: a third of one CPU, with credit for bursts. Beyond it looks come later,
/// which is counted; the first look at an event's arrival and deadlines are never held up by it. While they take less than a
/// fiftieth, intervals are short (<see cref="IsEager"/>).
/// </summary>
public sealed class LookBudget
{
    /// <summary>One part in this many of the time may go to looks.</summary>
    public const int Share = 3;

    /// <summary>Most that can be saved up, microseconds of looking.</summary>
    public const long MostCreditUsec = 100_000;

    /// <summary>Lateness that a wake-up may have by itself, microseconds: it is not a look that waited for the budget.</summary>
    public const long WakeUpUsec = 500;

    /// <summary>
    /// Lateness that harms nobody, in microseconds: within the noise of a busy machine, and less than a person notices.
    /// </summary>
    public const long ToleratedUsec = 50_000;

    /// <summary>
    /// One part in this many of its interval a look may be late besides: intervals are 7.7 % of the time waited, and a quarter more is still
    /// within the 10 % that are promised (<see cref="LookTimes"/>).
    /// </summary>
    public const long ToleratedShare = 4;

    /// <summary>One part in this many of the time may go to looks at short intervals, with as much less credit.</summary>
    public const int EagerShare = 50;

    private readonly TimeCredit _all = new(Share, MostCreditUsec);
    private readonly TimeCredit _eager = new(EagerShare, MostCreditUsec * Share / EagerShare);

    /// <summary>Looks that came later than they were due because the budget was used up.</summary>
    public long Deferred { get; private set; }

    /// <summary>The longest that a look was late, in microseconds, since the start.</summary>
    public long WorstLagUsec { get; private set; }

    /// <summary>Begins with all credit.</summary>
    public LookBudget()
    {
    }

    /// <summary>The same, and counts on from another.</summary>
    internal LookBudget(LookBudget before) => (Deferred, WorstLagUsec, TooLate) = (before.Deferred, before.WorstLagUsec, before.TooLate);

    /// <summary>Takes what was saved up since.</summary>
    /// <returns>Whether another look is affordable.</returns>
    public bool Allows(long nowUsec) => _all.Take(nowUsec);

    /// <summary>Whether one would be, changing nothing.</summary>
    public bool WouldAllow(long nowUsec) => _all.Usec(nowUsec) > 0;

    /// <summary>Whether repeated looks have cost so little that the next one may come soon.</summary>
    public bool IsEager(long nowUsec) => _eager.Take(nowUsec);

    /// <summary>When, from now, a look will be affordable again.</summary>
    public long ReadyUsec(long nowUsec) => _all.ReadyUsec(nowUsec);

    /// <summary>Takes what a look cost.</summary>
    public void Spend(long usec)
    {
        _all.Spend(usec);
        // Thousands of waiting devices cost far more. Once most of them are gone, the rest need not pay for that.
        _eager.SpendAtMost(usec);
    }

    /// <summary>Those of them that were noticeably late.</summary>
    public long TooLate { get; private set; }

    /// <summary>Takes note of a look that waited for the budget.</summary>
    /// <param name="usec">How late it is.</param>
    /// <param name="intervalUsec">How long after the look before it it was due.</param>
    public void Late(long usec, long intervalUsec)
    {
        Deferred++;
        if (usec > Math.Max(ToleratedUsec, intervalUsec / ToleratedShare))
            TooLate++;
        WorstLagUsec = Math.Max(WorstLagUsec, usec);
    }
}
