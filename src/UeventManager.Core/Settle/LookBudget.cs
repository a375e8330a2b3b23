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

    /// <summary>Lateness that a wake-up may have by itself, microseconds: it is no look that waited for the budget.</summary>
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

    private const long MostEagerUsec = MostCreditUsec * Share / EagerShare;

    private long _creditUsec = MostCreditUsec;
    private long _eagerUsec = MostEagerUsec;
    private long _updatedUsec = long.MinValue;
    private long _eagerUpdatedUsec = long.MinValue;

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
    public bool Allows(long nowUsec)
    {
        if (_updatedUsec == long.MinValue)
            _updatedUsec = nowUsec;
        if (nowUsec - _updatedUsec >= Share)
            (_creditUsec, _updatedUsec) = (Credit(nowUsec), nowUsec);
        return _creditUsec > 0;
    }

    /// <summary>Whether one would be, changing nothing.</summary>
    public bool WouldAllow(long nowUsec) => Credit(nowUsec) > 0;

    /// <summary>Whether repeated looks have cost so little that the next one may come soon.</summary>
    public bool IsEager(long nowUsec)
    {
        if (_eagerUpdatedUsec == long.MinValue)
            _eagerUpdatedUsec = nowUsec;
        var gained = (nowUsec - _eagerUpdatedUsec) / EagerShare;
        if (gained > 0)
        {
            _eagerUsec = Math.Min(MostEagerUsec, _eagerUsec + gained);
            _eagerUpdatedUsec = nowUsec;
        }
        return _eagerUsec > 0;
    }

    /// <summary>When, from now, a look will be affordable again.</summary>
    public long ReadyUsec(long nowUsec) => nowUsec + Math.Max(1, -Credit(nowUsec) + 1) * Share;

    /// <summary>Takes what a look cost.</summary>
    public void Spend(long usec)
    {
        _creditUsec -= usec;
        // What more devices cost than short intervals allow is no debt: some of the looks are soon again as soon as there is a little.
        _eagerUsec = Math.Max(-MostEagerUsec, _eagerUsec - usec);
    }

    /// <summary>Those of them that came so late that somebody may have noticed.</summary>
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

    private long Credit(long nowUsec) =>
        _updatedUsec == long.MinValue || nowUsec <= _updatedUsec ? _creditUsec : Math.Min(MostCreditUsec, _creditUsec + ((nowUsec - _updatedUsec) / Share));
}
