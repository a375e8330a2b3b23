using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads <c>group</c>: a device's part in groups, as a member of one, as the leader of one, or both.</summary>
internal static class GroupReader
{
    /// <summary>What was given; what is wrong is reported and left out.</summary>
    public static (string? Leader, string? Members) Read(RuleNode node, ProblemList problems)
    {
        if (MappingReader.Of("'group'", node, RuleSchema.GroupKeys, problems) is not { } group)
            return default;
        if (group.Node.Entries.Count == 0)
            problems.Add(node, $"'group' is empty (its keys: {string.Join(", ", RuleSchema.Names(RuleSchema.GroupKeys))})");
        var leader = group["leader"] is { } link ? PathValues.DeviceLink("leader", link.Value, problems) : null;
        var members = group["members"] is { } links ? PathValues.Glob("members", links.Value, problems) : null;
        if (leader is not (null or Rule.ParentLeads) && members is not null && Glob.Parse(members).Matches(leader))
            problems.Add(group["members"]!.Value, $"members: pattern {Quoted.Of(members)}: it matches the leader's link {Quoted.Of(leader)} (a leader is not a member of its own member)");
        return (leader, members);
    }
}
