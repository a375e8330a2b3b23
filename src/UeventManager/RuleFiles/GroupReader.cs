using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads <c>group</c>: a device's role in groups, as a member, as a leader, or both.</summary>
internal static class GroupReader
{
    /// <summary>Reads the roles; errors are reported and left out.</summary>
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
