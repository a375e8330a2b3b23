namespace UeventManager.Core.Settle;

/// <summary>
/// Time gained at a steady rate up to a limit and spent afterwards: a single spending may exceed the credit, and the debt is then made up for.
/// </summary>
internal sealed class TimeCredit
{
    private readonly int _share;
    private readonly long _mostUsec;
    private long _creditUsec;
    private long _updatedUsec = long.MinValue;

    /// <param name="share">One part in this many of the time that passes is gained.</param>
    /// <param name="mostUsec">The largest credit, and the first one, in microseconds.</param>
    public TimeCredit(int share, long mostUsec) => (_share, _mostUsec, _creditUsec) = (share, mostUsec, mostUsec);

    /// <summary>Adds the credit gained since the last call.</summary>
    /// <returns>Whether there is credit.</returns>
    public bool Take(long nowUsec)
    {
        if (_updatedUsec == long.MinValue)
            _updatedUsec = nowUsec;
        if (nowUsec - _updatedUsec >= _share)
            (_creditUsec, _updatedUsec) = (Usec(nowUsec), nowUsec);
        return _creditUsec > 0;
    }

    /// <summary>The credit, without changing anything; 0 or less while there is a debt.</summary>
    public long Usec(long nowUsec) =>
        _updatedUsec == long.MinValue || nowUsec <= _updatedUsec ? _creditUsec : Math.Min(_mostUsec, _creditUsec + ((nowUsec - _updatedUsec) / _share));

    /// <summary>The time at which there is credit again.</summary>
    public long ReadyUsec(long nowUsec) => nowUsec + Math.Max(1, -Usec(nowUsec) + 1) * _share;

    /// <summary>Spends credit.</summary>
    public void Spend(long usec) => _creditUsec -= usec;

    /// <summary>Spends credit, but limits the debt to the largest credit.</summary>
    public void SpendAtMost(long usec) => _creditUsec = Math.Max(-_mostUsec, _creditUsec - usec);
}
