namespace UeventManager.Core.Settle;

/// <summary>Time that is gained at a steady rate, saved up to a limit, and spent afterwards: more may be spent at once than is there, and is made up for.</summary>
internal sealed class TimeCredit
{
    private readonly int _share;
    private readonly long _mostUsec;
    private long _creditUsec;
    private long _updatedUsec = long.MinValue;

    /// <param name="share">One part in this many of the time that passes is gained.</param>
    /// <param name="mostUsec">Most that is saved up, microseconds; it begins with as much.</param>
    public TimeCredit(int share, long mostUsec) => (_share, _mostUsec, _creditUsec) = (share, mostUsec, mostUsec);

    /// <summary>Takes what was gained since.</summary>
    /// <returns>Whether there is any.</returns>
    public bool Take(long nowUsec)
    {
        if (_updatedUsec == long.MinValue)
            _updatedUsec = nowUsec;
        if (nowUsec - _updatedUsec >= _share)
            (_creditUsec, _updatedUsec) = (Usec(nowUsec), nowUsec);
        return _creditUsec > 0;
    }

    /// <summary>What there is, changing nothing; not above 0 if more was spent than there was.</summary>
    public long Usec(long nowUsec) =>
        _updatedUsec == long.MinValue || nowUsec <= _updatedUsec ? _creditUsec : Math.Min(_mostUsec, _creditUsec + ((nowUsec - _updatedUsec) / _share));

    /// <summary>When, from now, there is some again.</summary>
    public long ReadyUsec(long nowUsec) => nowUsec + Math.Max(1, -Usec(nowUsec) + 1) * _share;

    /// <summary>Spends.</summary>
    public void Spend(long usec) => _creditUsec -= usec;

    /// <summary>Spends, and forgets a debt beyond what can be saved up.</summary>
    public void SpendAtMost(long usec) => _creditUsec = Math.Max(-_mostUsec, _creditUsec - usec);
}
