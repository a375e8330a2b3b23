namespace UeventManager.Core.Rules;

/// <summary>A file, a directory, or a symlink whose target exists.</summary>
/// <param name="Path">Relative to the device's directory.</param>
public sealed record ExistsCondition(string Path) : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => $"exists: {Path}";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.Path(Path, QueryNeeds.Exists) };

    internal override Truth Check(LookFacts facts) => TruthValues.Of(facts[_query!.Slot], facts[_query.Slot].Exists);
}

/// <summary>No file of that name, or only a dangling symlink.</summary>
/// <param name="Path">Relative to the device's directory.</param>
public sealed record AbsentCondition(string Path) : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => $"absent: {Path}";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.Path(Path, QueryNeeds.Exists) };

    internal override Truth Check(LookFacts facts) => TruthValues.Of(facts[_query!.Slot], !facts[_query.Slot].Exists);
}

/// <summary>A symlink, optionally with a pattern for the last component of its target.</summary>
/// <param name="Path">Relative to the device's directory.</param>
/// <param name="Target">Pattern for the last component of the target, or null.</param>
public sealed record LinkCondition(string Path, Glob? Target) : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => Target is null ? $"link: {Path}" : $"link: {Path} target {Target.Text}";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.Path(Path, QueryNeeds.Link) };

    internal override Truth Check(LookFacts facts) =>
        TruthValues.Of(facts[_query!.Slot], facts[_query.Slot].LinkTarget is { } target && (Target is null || Target.Matches(LastComponent(target))));

    internal override string? Seen(LookFacts facts) => facts[_query!.Slot].LinkTarget is { } target ? LastComponent(target).ToString() : null;

    internal static ReadOnlySpan<char> LastComponent(string path) => path.AsSpan(path.LastIndexOf('/') + 1);
}

/// <summary>The device has a parent device.</summary>
internal sealed record ParentCondition : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => "parent";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = Query(table) };

    internal override Truth Check(LookFacts facts) => TruthValues.Of(facts[_query!.Slot], facts[_query.Slot].LinkTarget is not null);

    internal static SysfsQuery Query(QueryTable table) => table.Ancestor(new ParentMatch(null, new RuleMatch()));
}

/// <summary>The node <c>/dev/$DEVNAME</c> exists with the device's numbers.</summary>
public sealed record DeviceNodeCondition : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => "deviceNode: true";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.DeviceNode() };

    internal override Truth Check(LookFacts facts) => TruthValues.Of(facts[_query!.Slot], facts[_query.Slot].Exists);
}
