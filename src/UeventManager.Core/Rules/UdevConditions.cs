using System.Text;

namespace UeventManager.Core.Rules;

/// <summary>udev has processed the event that is looked at. Holds if there is no udev.</summary>
public sealed record UdevCondition : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => "udev: true";

    /// <inheritdoc/>
    public override bool AsksUdev => true;

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.UdevEntry() };

    internal override Truth Check(LookFacts facts) => facts.Udev.Source switch
    {
        UdevSource.NoUdevd => TruthValues.Of(!facts.IsNegated),
        // An unreadable database tells neither.
        UdevSource.None when facts[_query!.Slot].Errno != 0 => Truth.Unknown,
        var source => TruthValues.Of(source != UdevSource.None),
    };

    internal override string? Seen(LookFacts facts) => SeenOf(facts, facts[_query!.Slot]);

    internal static string? SeenOf(LookFacts facts, in Answer answer) =>
        facts.Udev.IsDone ? UdevFacts.Text(facts.Udev.Source) : answer.Errno != 0 ? ErrnoName.Of(answer.Errno) : null;
}

/// <summary>udev has processed the event, and one of its properties passes a test. Holds if there is no udev.</summary>
/// <param name="Name">udev's key.</param>
/// <param name="Test">The test for the value.</param>
public sealed record UdevPropertyCondition(string Name, ValueTest Test) : Condition
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(Name);
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => $"udev: {{property: {Name}}} {Test}";

    /// <inheritdoc/>
    public override bool AsksUdev => true;

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.UdevEntry() };

    // Before udev has processed the event, its properties are unknown.
    internal override Truth Check(LookFacts facts) => facts.Udev.Source switch
    {
        UdevSource.NoUdevd => TruthValues.Of(!facts.IsNegated),
        UdevSource.None => Truth.Unknown,
        _ => TruthValues.Of(Test.Passes(facts.Udev.Property(_name))),
    };

    internal override string? Seen(LookFacts facts) =>
        facts.Udev is { IsDone: true, Source: not UdevSource.NoUdevd }
            ? facts.Udev.Property(_name) is { } value ? $"\"{value}\"" : "udev has not set it"
            : UdevCondition.SeenOf(facts, facts[_query!.Slot]);
}
