namespace UeventManager.Core.Rules;

/// <summary>A rule with its questions in the table of one subsystem. Created once at load, used at every look.</summary>
public sealed class BoundRule
{
    private readonly BoundMatch _match;
    private readonly StableCondition[] _stable;

    internal BoundRule(Rule rule, QueryTable table)
    {
        Rule = rule;
        Table = table;
        _match = new BoundMatch(rule.Match, table);
        // The link to a group's leader is waited for like a condition.
        var leader = rule.Leader is null ? Array.Empty<WaitItem>()
            : [new WaitItem(rule.Leader == Rule.ParentLeads ? new ParentCondition() : new LinkCondition(rule.Leader, null), null)];
        Items = [.. rule.Wait.Concat(leader).Select(item => item with { Condition = item.Condition.Bind(table) })];
        LeaderLink = rule.Leader is null ? null : rule.Leader == Rule.ParentLeads ? ParentCondition.Query(table) : table.Path(rule.Leader, QueryNeeds.Link);
        MemberLinks = rule.Members is null ? null : table.Links(rule.Members);
        WaitQueries = [.. Items.SelectMany(i => i.Condition.Queries).Concat(new[] { MemberLinks }.OfType<SysfsQuery>()).Distinct()];
        _stable = [.. Items.SelectMany(i => StableIn(i.Condition))];
        NeedsPresence = MatchQueries.Count == 0
            && Items.Any(item => item is { OptionalUsec: null, Condition: ExistsCondition or LinkCondition or AttributeCondition });
        AsksEvent = [.. Items.Select(item => item.Condition.AsksEvent)];
        WaitsForUdev = [.. Items.Select(item => item.Condition.AsksUdev)];
        AttachTable = new QueryTable();
        UeventFile = AttachTable.Path("uevent", QueryNeeds.Value);
        Attributes = [.. rule.Attach.Attributes.Select(p => AttachTable.Path(p, QueryNeeds.Value))];
        Links = [.. rule.Attach.Links.Select(p => AttachTable.Path(p, QueryNeeds.Link))];
        UdevEntry = rule.Attach.Udev.Count == 0 ? null : AttachTable.UdevEntry();
        AttachedDriver = DriverIn(Links);
    }

    /// <summary>Takes the answer of the look's first half for a question of the second half, so that each path is asked once.</summary>
    internal bool Answered(SysfsQuery query, LookFacts facts, out Answer answer)
    {
        answer = default;
        if (Table.Find(query) is not { } same || (query.Needs & ~same.Needs) != 0 || !facts[same.Slot].Asked)
            return false;
        answer = facts[same.Slot];
        return true;
    }

    /// <summary>The rule's conditions as text.</summary>
    public RuleTexts Texts => field ??= new RuleTexts(Rule.Name, [.. Items.Select(item => new ItemText(item.Condition.Text, item.OptionalUsec is not null))]);

    /// <summary>The rule as written.</summary>
    public Rule Rule { get; }

    /// <summary>The table of its questions.</summary>
    public QueryTable Table { get; }

    /// <summary>The items of its <c>wait</c>, bound.</summary>
    public IReadOnlyList<WaitItem> Items { get; }

    /// <summary>For a group's member, the link to the leader, or the question for the parent.</summary>
    public SysfsQuery? LeaderLink { get; }

    /// <summary>For a group's leader, the links to the members, or the members' directories.</summary>
    public SysfsQuery? MemberLinks { get; }

    /// <summary>The questions that decide the match.</summary>
    public IReadOnlyList<SysfsQuery> MatchQueries => _match.Queries;

    /// <summary>The questions that decide whether all conditions hold.</summary>
    public IReadOnlyList<SysfsQuery> WaitQueries { get; }

    /// <summary>The questions of the deciding look's second half: attached values and the <c>uevent</c> file.</summary>
    public QueryTable AttachTable { get; }

    /// <summary>The device's <c>uevent</c> file.</summary>
    public SysfsQuery UeventFile { get; }

    /// <summary>The attributes to attach, in the rule's order.</summary>
    public IReadOnlyList<SysfsQuery> Attributes { get; }

    /// <summary>The links to attach, in the rule's order.</summary>
    public IReadOnlyList<SysfsQuery> Links { get; }

    /// <summary>The link to the driver if it is attached, else null.</summary>
    internal SysfsQuery? AttachedDriver { get; }

    /// <summary>udev's entry, if some of its properties are attached.</summary>
    public SysfsQuery? UdevEntry { get; }

    /// <summary>For each of <see cref="Items"/>, whether it depends on a property that describes one event.</summary>
    internal bool[] AsksEvent { get; }

    /// <summary>For each of <see cref="Items"/>, whether it depends on udev.</summary>
    internal bool[] WaitsForUdev { get; }

    /// <summary>True if one of <see cref="Items"/> depends on udev.</summary>
    internal bool AsksUdev => WaitsForUdev.Contains(true);

    /// <summary>True if the rule attaches anything.</summary>
    public bool Attaches => Attributes.Count + Links.Count > 0 || UdevEntry is not null;

    /// <summary>
    /// True if its match needs no look and something in the directory must exist: a device whose directory is gone can never satisfy it.
    /// </summary>
    internal bool NeedsPresence { get; }

    /// <summary>The longest time of its <c>stable</c> conditions, in microseconds; 0 if there is none.</summary>
    public long LongestStableUsec => _stable.Length == 0 ? 0 : _stable.Max(c => c.ForUsec);

    /// <summary>The part of the match that needs no look: names and properties.</summary>
    internal bool MatchesNames(LookFacts facts) => _match.MatchesNames(facts);

    /// <summary>The part that needs the answers to <see cref="MatchQueries"/>.</summary>
    internal bool MatchesAnswers(LookFacts facts) => _match.MatchesAnswers(facts);

    /// <summary>Lets the <c>stable</c> conditions note the values of a look; called at the look's end.</summary>
    internal void RememberStable(LookFacts facts, long endedUsec)
    {
        foreach (var condition in _stable)
            condition.Remember(facts, endedUsec);
    }

    private static SysfsQuery? DriverIn(IReadOnlyList<SysfsQuery> queries) =>
        queries.FirstOrDefault(static query => query.IsDriver);

    private static IEnumerable<StableCondition> StableIn(Condition condition) => condition switch
    {
        StableCondition stable => [stable],
        AnyCondition any => any.Items.SelectMany(StableIn),
        AllCondition all => all.Items.SelectMany(StableIn),
        NotCondition not => StableIn(not.Item),
        _ => [],
    };
}
