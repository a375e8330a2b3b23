namespace UeventManager.Core.Recording;

/// <summary>What a recording says about one family of names on the devices of one class.</summary>
public sealed class FamilyFacts
{
    private readonly List<long> _delays = [];
    private readonly Dictionary<Arrival, long> _wholeUsec = [];

    /// <summary>The family.</summary>
    public required string Family { get; init; }

    /// <summary>All names of the family.</summary>
    public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>How many names each device had in the end, of the devices that had any; 0 where an attribute says so.</summary>
    public Dictionary<Arrival, int> Counts { get; } = [];

    /// <summary>The delay of the last name, in microseconds, for each device on which one was late; in rising order.</summary>
    public IReadOnlyList<long> Delays => _delays;

    /// <summary>True if every name is a symlink.</summary>
    public bool IsLink { get; private set; } = true;

    /// <summary>The longest delay.</summary>
    public long WorstUsec => _delays.Count == 0 ? 0 : _delays[^1];

    /// <summary>The last time at which a device still had all of them: its end, or when the first one disappeared before that.</summary>
    public long WholeUsec(Arrival arrival) => _wholeUsec.GetValueOrDefault(arrival, arrival.AddUsec + arrival.ObservedUsec);

    /// <summary>Adds a device that has none, as an attribute says.</summary>
    public void AddNone(Arrival arrival) => Counts.Add(arrival, 0);

    /// <summary>A quantile of the delays.</summary>
    public long Quantile(double share) => _delays[Math.Clamp((int)Math.Ceiling(share * _delays.Count) - 1, 0, _delays.Count - 1)];

    /// <summary>Collects the facts of all families with a late name on any device.</summary>
    /// <param name="arrivals">The devices.</param>
    /// <param name="late">The late names of a device.</param>
    public static IReadOnlyList<FamilyFacts> Of(IReadOnlyList<Arrival> arrivals, Func<Arrival, IReadOnlyList<LateItem>> late)
    {
        var all = new SortedDictionary<string, FamilyFacts>(StringComparer.Ordinal);
        foreach (var arrival in arrivals)
        {
            foreach (var family in late(arrival).GroupBy(item => item.Family, StringComparer.Ordinal))
            {
                if (!all.TryGetValue(family.Key, out var facts))
                    all.Add(family.Key, facts = new FamilyFacts { Family = family.Key });
                facts._delays.Add(family.Max(item => item.DelayUsec));
            }
        }
        foreach (var arrival in arrivals)
        {
            foreach (var (name, stay) in arrival.Standing)
            {
                if (all.TryGetValue(stay.Family, out var facts))
                    facts.Add(arrival, name, stay);
            }
        }
        foreach (var facts in all.Values)
            facts._delays.Sort();
        return [.. all.Values];
    }

    private void Add(Arrival arrival, string name, StandingName stay)
    {
        Names.Add(name);
        IsLink &= stay.Kind == RecordedKind.Link;
        Counts[arrival] = Counts.GetValueOrDefault(arrival) + 1;
        _wholeUsec[arrival] = Math.Min(WholeUsec(arrival), arrival.Device.Names[name][^1].LastUsec);
    }
}
