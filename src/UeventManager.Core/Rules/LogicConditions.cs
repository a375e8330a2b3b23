namespace UeventManager.Core.Rules;

/// <summary>Several conditions, of which one alone may decide the result.</summary>
/// <param name="Items">The conditions; at least one.</param>
public abstract record CompoundCondition(IReadOnlyList<Condition> Items) : Condition
{
    /// <inheritdoc/>
    public override string Text => $"{Key}: [{string.Join(", ", Items.Select(i => i.Text))}]";

    /// <inheritdoc/>
    public override bool AsksUdev => Items.Any(static i => i.AsksUdev);

    /// <inheritdoc/>
    public override bool AsksEvent => Items.Any(static i => i.AsksEvent);

    internal override IEnumerable<SysfsQuery> Queries => Items.SelectMany(i => i.Queries);

    // The condition's key in a rule file.
    private protected abstract string Key { get; }

    // The result of one item that decides the whole.
    private protected abstract Truth Deciding { get; }

    internal override Truth Check(LookFacts facts)
    {
        var result = Deciding == Truth.True ? Truth.False : Truth.True;
        foreach (var item in Items)
        {
            var one = item.Check(facts);
            if (one == Deciding)
                return one;
            if (one == Truth.Unknown)
                result = one;
        }
        return result;
    }

    internal override bool MayBe(LookFacts facts, bool truth) =>
        truth == (Deciding == Truth.True) ? Items.Any(item => item.MayBe(facts, truth)) : Items.All(item => item.MayBe(facts, truth));

    // An unreadable item is the reason why the whole does not hold.
    internal override string? Seen(LookFacts facts) =>
        Items.FirstOrDefault(i => i.Check(facts) == Truth.Unknown) is { } unread ? $"{unread.Text}: {unread.Seen(facts)}" : null;
}

/// <summary>At least one of several conditions holds.</summary>
/// <param name="Items">The conditions; at least one.</param>
public sealed record AnyCondition(IReadOnlyList<Condition> Items) : CompoundCondition(Items)
{
    private protected override string Key => "any";

    private protected override Truth Deciding => Truth.True;

    internal override Condition Bind(QueryTable table) => new AnyCondition([.. Items.Select(i => i.Bind(table))]);
}

/// <summary>All of several conditions hold.</summary>
/// <param name="Items">The conditions; at least one.</param>
public sealed record AllCondition(IReadOnlyList<Condition> Items) : CompoundCondition(Items)
{
    private protected override string Key => "all";

    private protected override Truth Deciding => Truth.False;

    internal override Condition Bind(QueryTable table) => new AllCondition([.. Items.Select(i => i.Bind(table))]);

    internal override string? Seen(LookFacts facts) =>
        base.Seen(facts) ?? (Items.FirstOrDefault(i => !i.Holds(facts)) is { } first ? $"not: {first.Text}" : null);
}

/// <summary>A condition does not hold.</summary>
/// <param name="Item">The condition.</param>
public sealed record NotCondition(Condition Item) : Condition
{
    /// <inheritdoc/>
    public override string Text => $"not: {{{Item.Text}}}";

    /// <inheritdoc/>
    public override bool AsksUdev => Item.AsksUdev;

    /// <inheritdoc/>
    public override bool AsksEvent => Item.AsksEvent;

    internal override IEnumerable<SysfsQuery> Queries => Item.Queries;

    internal override bool MayBe(LookFacts facts, bool truth) => Item.MayBe(facts, !truth);

    internal override Condition Bind(QueryTable table) => new NotCondition(Item.Bind(table));

    internal override Truth Check(LookFacts facts)
    {
        facts.IsNegated = !facts.IsNegated;
        var opposite = Item.Check(facts);
        facts.IsNegated = !facts.IsNegated;
        return opposite.Not();
    }

    internal override string? Seen(LookFacts facts) => Item.Seen(facts);
}
