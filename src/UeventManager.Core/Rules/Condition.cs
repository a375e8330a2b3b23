namespace UeventManager.Core.Rules;

/// <summary>
/// One thing that must be true of a device's directory or properties. Written once, then bound to the
/// <see cref="QueryTable"/> of each subsystem that its rule serves.
/// </summary>
public abstract record Condition
{
    /// <summary>The condition as a person would write it on one line.</summary>
    public abstract string Text { get; }

    /// <summary>Whether it, or a condition inside it, depends on what udev says.</summary>
    public virtual bool AsksUdev => false;

    /// <summary>The same condition with its questions in a table.</summary>
    internal abstract Condition Bind(QueryTable table);

    /// <summary>The questions to ask before <see cref="Holds"/>; only of a bound condition.</summary>
    internal abstract IEnumerable<SysfsQuery> Queries { get; }

    /// <summary>Whether it holds, once all <see cref="Queries"/> are answered. What could not be read holds nothing, also below <c>not</c>.</summary>
    internal bool Holds(LookFacts facts) => Check(facts) == Truth.True;

    /// <summary>The same, and whether it could be told.</summary>
    internal abstract Truth Check(LookFacts facts);

    /// <summary>What was read, for people: the value, the count, the errno; null if there is nothing to say.</summary>
    internal virtual string? Seen(LookFacts facts) => null;

    private protected static SysfsQuery Unbound => throw new InvalidOperationException("the condition is not bound to a table");
}
