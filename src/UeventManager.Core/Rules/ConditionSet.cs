namespace UeventManager.Core.Rules;

/// <summary>Conditions that a client asks about outside of any rule. One look answers all of their questions.</summary>
public sealed class ConditionSet
{
    private readonly QueryTable _table = new();
    private readonly Condition[] _conditions;

    /// <summary>Creates a set.</summary>
    /// <param name="conditions">All of them must hold.</param>
    public ConditionSet(IEnumerable<Condition> conditions)
    {
        _conditions = [.. conditions.Select(condition => condition.Bind(_table))];
        UeventFile = _table.Path("uevent", QueryNeeds.Value);
        Queries = [.. _conditions.SelectMany(condition => condition.Queries).Distinct()];
    }

    /// <summary>The questions.</summary>
    public IReadOnlyList<SysfsQuery> Queries { get; }

    /// <summary>The device's <c>uevent</c> file, which contains its properties.</summary>
    public SysfsQuery UeventFile { get; }

    /// <summary>The number of answers.</summary>
    public int Slots => _table.Count;

    /// <summary>True if a condition depends on elapsed time or on udev: only rules may have such conditions.</summary>
    public bool NeedsRule => Queries.Any(query => query.Kind is QueryKind.Fingerprint or QueryKind.UdevEntry);

    /// <summary>The conditions that do not hold, each as written and with the value read; empty if all hold.</summary>
    /// <param name="facts">The answers of one look.</param>
    public IReadOnlyList<string> Missing(LookFacts facts) =>
        [.. _conditions.Where(condition => !condition.Holds(facts)).Select(condition => condition.Text + (condition.Seen(facts) is { } seen ? $" (is {seen})" : ""))];

    /// <summary>The conditions as text, before any look.</summary>
    public IEnumerable<string> Texts => _conditions.Select(condition => condition.Text);
}
