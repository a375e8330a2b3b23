namespace UeventManager.Core.Rules;

/// <summary>A <see cref="RuleMatch"/> with its questions in a table.</summary>
internal sealed class BoundMatch
{
    private readonly RuleMatch _match;
    private readonly KeyValuePair<string, Glob>[] _properties;
    private readonly SysfsQuery? _driver;
    private readonly (SysfsQuery Query, Glob Glob)[] _attributes;
    private readonly SysfsQuery[] _exists;
    private readonly SysfsQuery[] _absent;
    private readonly SysfsQuery? _parent;
    private readonly BoundMatch? _ofParent;

    public BoundMatch(RuleMatch match, QueryTable table)
    {
        _match = match;
        _properties = [.. match.Properties];
        _driver = match.Driver is null ? null : table.Path("driver", QueryNeeds.Link);
        _attributes = [.. match.Attributes.Select(a => (table.Path(a.Key, QueryNeeds.Value), a.Value))];
        _exists = [.. match.Exists.Select(p => table.Path(p, QueryNeeds.Exists))];
        _absent = [.. match.Absent.Select(p => table.Path(p, QueryNeeds.Exists))];
        if (match.Parent is { } parent)
        {
            // Rules that search for the same ancestor share one walk.
            _parent = table.Ancestor(parent);
            _ofParent = new BoundMatch(parent.Match, _parent.OfAncestor!.Table);
        }
        Queries = [.. new[] { _driver, _parent }.OfType<SysfsQuery>(), .. _attributes.Select(a => a.Query), .. _exists, .. _absent];
    }

    /// <summary>The questions that decide the match.</summary>
    public IReadOnlyList<SysfsQuery> Queries { get; }

    /// <summary>The part that needs no look: names and properties.</summary>
    public bool MatchesNames(LookFacts facts)
    {
        if (_match.DevPath is { } devPath && !devPath.Matches(facts.DevPath))
            return false;
        if (_match.SysName is { } sysName && !sysName.Matches(facts.SysName))
            return false;
        if (_match.DevType is { } devType && !devType.Matches(facts.Property("DEVTYPE")))
            return false;
        foreach (var (name, glob) in _properties)
        {
            if (!glob.Matches(facts.Property(name)))
                return false;
        }
        return true;
    }

    /// <summary>The part that needs the answers to <see cref="Queries"/>.</summary>
    public bool MatchesAnswers(LookFacts facts)
    {
        if (_driver is not null)
        {
            var target = facts[_driver.Slot].LinkTarget;
            if (facts[_driver.Slot].IsUnrecorded || !_match.Driver!.Matches(target?[(target.LastIndexOf('/') + 1)..]))
                return false;
        }
        foreach (var (query, glob) in _attributes)
        {
            // An unreadable attribute matches nothing, not even a negated pattern.
            if (facts[query.Slot].Errno != 0 || !glob.Matches(facts[query.Slot].Value))
                return false;
        }
        foreach (var query in _exists)
        {
            if (!facts[query.Slot].Exists)
                return false;
        }
        foreach (var query in _absent)
        {
            if (facts[query.Slot].Exists || facts[query.Slot].IsUnrecorded)
                return false;
        }
        return _parent is null || (facts[_parent.Slot].Ancestor is { } ancestor && _ofParent!.MatchesNames(ancestor) && _ofParent.MatchesAnswers(ancestor));
    }
}
