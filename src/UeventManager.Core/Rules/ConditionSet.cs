namespace UeventManager.Core.Rules;

/// <summary>Conditions that a client asks about, outside of any rule, with their questions: those of one set are answered by one look.</summary>
public sealed class ConditionSet
{
    private readonly QueryTable _table = new();
    private readonly Condition[] _conditions;

    /// <summary>Makes one.</summary>
    /// <param name="conditions">All of them must hold.</param>
    public ConditionSet(IEnumerable<Condition> conditions)
    {
        _conditions = [.. conditions.Select(condition => condition.Bind(_table))];
        UeventFile = _table.Path("uevent", QueryNeeds.Value);
        Queries = [.. _conditions.SelectMany(condition => condition.Queries).Distinct()];
    }

    /// <summary>What must be asked.</summary>
    public IReadOnlyList<SysfsQuery> Queries { get; }

    /// <summary>The device's <c>uevent</c> file, which has its properties.</summary>
    public SysfsQuery UeventFile { get; }

    /// <summary>Length of the sheet of answers.</summary>
    public int Slots => _table.Count;

    /// <summary>True if one asks about time that passes or about udev: only rules may.</summary>
    public bool NeedsRule => Queries.Any(query => query.Kind is QueryKind.Fingerprint or QueryKind.UdevEntry);

    /// <summary>What does not hold, each as it was written, with what was read; empty if all do.</summary>
    /// <param name="facts">The answers of one look.</param>
    public IReadOnlyList<string> Missing(LookFacts facts) =>
        [.. _conditions.Where(condition => !condition.Holds(facts)).Select(condition => condition.Text + (condition.Seen(facts) is { } seen ? $" (is {seen})" : ""))];

    /// <summary>The conditions as they are told while nobody has looked.</summary>
    public IEnumerable<string> Texts => _conditions.Select(condition => condition.Text);
}
