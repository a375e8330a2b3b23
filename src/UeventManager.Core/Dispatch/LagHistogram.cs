namespace UeventManager.Core.Dispatch;

/// <summary>The times from arrival to delivery of events, by subsystem. Subsystems beyond <see cref="MaxSubsystems"/> are counted together.</summary>
public sealed class LagHistogram
{
    /// <summary>The most subsystems with their own count.</summary>
    public const int MaxSubsystems = 64;

    /// <summary>The name for all further subsystems.</summary>
    public const string Other = "other";

    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private string? _lastName;
    private Row? _last;

    /// <summary>Upper bounds of the buckets, in microseconds; one further bucket has no bound.</summary>
    public static IReadOnlyList<long> BoundsUsec => Bounds;

    private static readonly long[] Bounds = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000, 10_000_000];

    /// <summary>The rows, by subsystem.</summary>
    public IEnumerable<KeyValuePair<string, Row>> Rows => _rows.OrderBy(row => row.Key, StringComparer.Ordinal);

    /// <summary>Counts one event.</summary>
    public void Count(string subsystem, long lagUsec)
    {
        // In a storm consecutive events have the same subsystem.
        if (!ReferenceEquals(subsystem, _lastName))
            (_lastName, _last) = (subsystem, RowOf(subsystem));
        _last!.Count(lagUsec);
    }

    /// <summary>The name under which a subsystem is counted.</summary>
    public string NameOf(string subsystem) => _rows.ContainsKey(subsystem) ? subsystem : Other;

    private Row RowOf(string subsystem)
    {
        if (_rows.TryGetValue(subsystem, out var row))
            return row;
        if (_rows.Count >= MaxSubsystems)
            subsystem = Other;
        return _rows.TryGetValue(subsystem, out row) ? row : _rows[subsystem] = new Row();
    }

    /// <summary>The times of one subsystem.</summary>
    public sealed class Row
    {
        private readonly long[] _buckets = new long[Bounds.Length + 1];

        /// <summary>The number of events in each bucket, the unbounded one last.</summary>
        public IReadOnlyList<long> Buckets => _buckets;

        /// <summary>The sum of all times, in microseconds.</summary>
        public long SumUsec { get; private set; }

        /// <summary>The number of events.</summary>
        public long Events => _buckets.Sum();

        /// <summary>The bound within which a share of the events was delivered.</summary>
        /// <param name="percent">The share, 1 to 100.</param>
        /// <returns>The bound of a bucket, in microseconds; null if it is beyond the last bound.</returns>
        public long? WithinUsec(int percent)
        {
            var wanted = ((Events * percent) + 99) / 100;
            for (var i = 0; i < Bounds.Length; i++)
            {
                wanted -= _buckets[i];
                if (wanted <= 0)
                    return Bounds[i];
            }
            return null;
        }

        internal void Count(long lagUsec)
        {
            var bucket = 0;
            while (bucket < Bounds.Length && lagUsec > Bounds[bucket])
                bucket++;
            _buckets[bucket]++;
            SumUsec += Math.Max(0, lagUsec);
        }
    }
}
