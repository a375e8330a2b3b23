namespace UeventManager.Core.Rules;

/// <summary>The verdict of the rules on an event before sysfs is asked.</summary>
public enum FirstAnswer : byte
{
    /// <summary>No look is needed: no rule is in force, or its <c>on</c> does not contain the action.</summary>
    Pass,

    /// <summary>A look must decide.</summary>
    Look,

    /// <summary>Nothing to wait for, but values are attached: a look must read the present state.</summary>
    Picture,
}

/// <summary>The progress of a look.</summary>
public enum LookStage : byte
{
    /// <summary>More questions must be answered first.</summary>
    Ask,

    /// <summary>No rule is in force, or the one in force does not wait for this action.</summary>
    Free,

    /// <summary>A rule is in force, and its conditions are to be checked.</summary>
    InForce,
}

/// <summary>The rules for one subsystem in order, bound to one table of questions.</summary>
public sealed class SubsystemRules
{
    private readonly BoundRule[] _rules;

    internal SubsystemRules(IEnumerable<Rule> rules)
    {
        Table = new QueryTable();
        _rules = [.. rules.Select(rule => new BoundRule(rule, Table))];
        foreach (var rule in _rules)
        {
            Actions |= rule.Rule.On;
            Attaches |= rule.Attaches;
        }
        AsksEvent = Array.Exists(_rules, rule => rule.AsksEvent.Contains(true));
        AsksUdev = Table.Udev is not null || Array.Exists(_rules, rule => rule.UdevEntry is not null);
        FirstLeader = _rules.FirstOrDefault(rule => rule.MemberLinks is not null);
    }

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<BoundRule> Rules => _rules;

    /// <summary>All questions of the rules.</summary>
    public QueryTable Table { get; }

    /// <summary>The actions for which any of the rules waits.</summary>
    public WaitingActions Actions { get; }

    /// <summary>True if any of the rules attaches something.</summary>
    public bool Attaches { get; }

    /// <summary>True if any of the rules waits for udev or attaches udev's properties.</summary>
    public bool AsksUdev { get; }

    /// <summary>True if an item of a rule asks for a property of one event alone.</summary>
    internal bool AsksEvent { get; }

    /// <summary>The first rule that makes a device the leader of a group; null if there is none.</summary>
    public BoundRule? FirstLeader { get; }

    /// <summary>Decides, from names and properties alone, whether an event needs a look.</summary>
    public FirstAnswer BeforeLook(LookFacts facts, WaitingActions action)
    {
        var passes = FirstAnswer.Pass;
        if ((Actions & action) == 0 && !Attaches)
            return passes;
        foreach (var rule in _rules)
        {
            if (!rule.MatchesNames(facts))
                continue;
            if ((rule.Rule.On & action) != 0)
                return FirstAnswer.Look;
            if (rule.Attaches)
                passes = FirstAnswer.Picture;
            if (!rule.Rule.Match.AsksSysfs)
                return passes;
        }
        return passes;
    }

    /// <summary>Finds the rule in force as far as the answers allow, or the next questions.</summary>
    /// <param name="facts">The answers so far.</param>
    /// <param name="action">The event's action.</param>
    /// <param name="rule">The rule in force or about to be, else null.</param>
    /// <param name="ask">Receives the questions, for <see cref="LookStage.Ask"/>.</param>
    public LookStage Evaluate(LookFacts facts, WaitingActions action, out BoundRule? rule, List<SysfsQuery> ask)
    {
        foreach (var candidate in _rules)
        {
            rule = candidate;
            if (!candidate.MatchesNames(facts))
                continue;
            if (Unasked(candidate.MatchQueries, facts, ask))
                return LookStage.Ask;
            if (!candidate.MatchesAnswers(facts))
                continue;
            if ((candidate.Rule.On & action) == 0)
                return LookStage.Free;
            return Unasked(candidate.WaitQueries, facts, ask) ? LookStage.Ask : LookStage.InForce;
        }
        rule = null;
        return LookStage.Free;
    }

    private static bool Unasked(IReadOnlyList<SysfsQuery> queries, LookFacts facts, List<SysfsQuery> ask)
    {
        for (var i = 0; i < queries.Count; i++)
        {
            if (!facts[queries[i].Slot].Asked && !ask.Contains(queries[i]))
                ask.Add(queries[i]);
        }
        return ask.Count > 0;
    }
}
