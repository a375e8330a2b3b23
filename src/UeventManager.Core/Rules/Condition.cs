namespace UeventManager.Core.Rules;

/// <summary>
/// One condition on a device's directory or properties. It is created once, then bound to the <see cref="QueryTable"/> of each subsystem of its rule.
/// </summary>
public abstract record Condition
{
    /// <summary>The condition on one line, as in a rule file.</summary>
    public abstract string Text { get; }

    /// <summary>Whether it, or a condition inside it, depends on udev.</summary>
    public virtual bool AsksUdev => false;

    /// <summary>Whether it, or a condition inside it, depends on a property that describes one event, such as ACTION.</summary>
    public virtual bool AsksEvent => false;

    /// <summary>The same condition with its questions in a table.</summary>
    internal abstract Condition Bind(QueryTable table);

    /// <summary>The questions to ask before <see cref="Holds"/>; only of a bound condition.</summary>
    internal abstract IEnumerable<SysfsQuery> Queries { get; }

    /// <summary>
    /// Whether it holds, once all <see cref="Queries"/> are answered. An unreadable value makes no condition hold, also below <c>not</c>.
    /// </summary>
    internal bool Holds(LookFacts facts) => Check(facts) == Truth.True;

    /// <summary>The same, with a third value if it cannot be told.</summary>
    internal abstract Truth Check(LookFacts facts);

    /// <summary>Whether it would be true, or false, of an event with other values of the properties that describe one event.</summary>
    /// <param name="facts">The answers.</param>
    /// <param name="truth">True or false.</param>
    internal virtual bool MayBe(LookFacts facts, bool truth) => Check(facts) == TruthValues.Of(truth);

    /// <summary>The value, count or errno that was read, for people; null if there is nothing to show.</summary>
    internal virtual string? Seen(LookFacts facts) => null;

    private protected static SysfsQuery Unbound => throw new InvalidOperationException("the condition is not bound to a table");
}
