namespace UeventManager.Core.Rules;

/// <summary>At least one of several conditions holds.</summary>
/// <param name="Items">The conditions; at least one.</param>
public sealed record AnyCondition(IReadOnlyList<Condition> Items) : Condition
{
    /// <inheritdoc/>
    public override string Text => $"any: [{string.Join(", ", Items.Select(i => i.Text))}]";

    /// <inheritdoc/>
    public override bool AsksUdev => Items.Any(static i => i.AsksUdev);

    internal override IEnumerable<SysfsQuery> Queries => Items.SelectMany(i => i.Queries);

    internal override Condition Bind(QueryTable table) => new AnyCondition([.. Items.Select(i => i.Bind(table))]);

    internal override Truth Check(LookFacts facts)
    {
        var result = Truth.False;
        foreach (var item in Items)
        {
            var one = item.Check(facts);
            if (one == Truth.True)
                return one;
            if (one == Truth.Unknown)
                result = one;
        }
        return result;
    }

    // Why none holds is plain, unless it could not be told.
    internal override string? Seen(LookFacts facts) =>
        Items.FirstOrDefault(i => i.Check(facts) == Truth.Unknown) is { } unread ? $"{unread.Text}: {unread.Seen(facts)}" : null;
}

/// <summary>All of several conditions hold.</summary>
/// <param name="Items">The conditions; at least one.</param>
public sealed record AllCondition(IReadOnlyList<Condition> Items) : Condition
{
    /// <inheritdoc/>
    public override string Text => $"all: [{string.Join(", ", Items.Select(i => i.Text))}]";

    /// <inheritdoc/>
    public override bool AsksUdev => Items.Any(static i => i.AsksUdev);

    internal override IEnumerable<SysfsQuery> Queries => Items.SelectMany(i => i.Queries);

    internal override Condition Bind(QueryTable table) => new AllCondition([.. Items.Select(i => i.Bind(table))]);

    internal override Truth Check(LookFacts facts)
    {
        var result = Truth.True;
        foreach (var item in Items)
        {
            var one = item.Check(facts);
            if (one == Truth.False)
                return one;
            if (one == Truth.Unknown)
                result = one;
        }
        return result;
    }

    internal override string? Seen(LookFacts facts)
    {
        if (Items.FirstOrDefault(i => i.Check(facts) == Truth.Unknown) is { } unread)
            return $"{unread.Text}: {unread.Seen(facts)}";
        return Items.FirstOrDefault(i => !i.Holds(facts)) is { } first ? $"not: {first.Text}" : null;
    }
}

/// <summary>A condition does not hold.</summary>
/// <param name="Item">The condition.</param>
public sealed record NotCondition(Condition Item) : Condition
{
    /// <inheritdoc/>
    public override string Text => $"not: {{{Item.Text}}}";

    /// <inheritdoc/>
    public override bool AsksUdev => Item.AsksUdev;

    internal override IEnumerable<SysfsQuery> Queries => Item.Queries;

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
