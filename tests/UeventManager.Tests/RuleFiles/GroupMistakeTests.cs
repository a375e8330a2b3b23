namespace UeventManager.Tests.RuleFiles;

/// <summary>A misread group would leave a device waiting for a leader that never comes, or announce it alone.</summary>
public sealed class GroupMistakeTests
{
    private static readonly string LongPath = new('a', 4_096);

    /// <summary>The value of <c>group</c>; it begins at line 5, column 12.</summary>
    public static TheoryData<string, string> Groups { get; } = new()
    {
        { "", "5:11: 'group' must be a mapping, not nothing (its keys: leader, members)" },
        { "physfn", "5:12: 'group' must be a mapping, not a text (its keys: leader, members)" },
        { "[{leader: physfn}]", "5:12: 'group' must be a mapping, not a list (its keys: leader, members)" },
        { "{}", "5:12: 'group' is empty (its keys: leader, members)" },
        { "{leder: physfn}", "5:13: unknown key 'leder' (did you mean 'leader'?)" },
        { "{member: \"virtfn*\"}", "5:13: unknown key 'member' (did you mean 'members'?)" },
        { "{size: 4}", "5:13: unknown key 'size' (one of: leader, members)" },
        { "{timeout: 5s, leader: a}", "5:13: unknown key 'timeout' (it belongs in a rule)" },
        { "{links: [a], leader: a}", "5:13: unknown key 'links' (it belongs in 'attach')" },
        { "{leader: a, leader: b}", "5:24: key 'leader' is given twice (first at line 5)" },
        { "{leader: }", "5:21: 'leader' has no value" },
        { "{leader: [physfn]}", "5:21: 'leader' must be a text, not a list" },
        { "{leader: {link: physfn}}", "5:21: 'leader' must be a text, not a mapping" },
        { "{leader: \"\"}", "5:21: leader: path '': it is empty" },
        { "{leader: /sys/a}", "5:21: leader: path '/sys/a': it is absolute (it is relative to the device's directory)" },
        { "{leader: ../a}", "5:21: leader: path '../a': it contains '..' (it must not leave the device's directory)" },
        { "{leader: a//b}", "5:21: leader: path 'a//b': it has an empty component" },
        { "{leader: ./a}", "5:21: leader: path './a': it contains '.' (leave it out)" },
        { "{leader: \"a\\nb\"}", "5:21: leader: path 'a\\u000ab': it has a control character" },
        { $"{{leader: {LongPath}}}", $"5:21: leader: path '{LongPath[..60]}…': it is longer than 4095 bytes" },
        { "{leader: holders/dm-*}", "5:21: leader: path 'holders/dm-*': '*' is allowed only in patterns, and this is a path" },
        { "{leader: holders/dm-?}", "5:21: leader: path 'holders/dm-?': '?' is allowed only in patterns, and this is a path" },
        { "{leader: \"dm-[0-9]\"}", "5:21: leader: path 'dm-[0-9]': '[' is allowed only in patterns, and this is a path" },
        { "{members: }", "5:22: 'members' has no value" },
        { "{members: [\"virtfn*\"]}", "5:22: 'members' must be a text, not a list" },
        { "{members: \"\"}", "5:22: members: pattern '': it is empty" },
        { "{members: /sys/a*}", "5:22: members: pattern '/sys/a*': it is absolute (it is relative to the device's directory)" },
        { "{members: a/../b*}", "5:22: members: pattern 'a/../b*': it contains '..' (it must not leave the device's directory)" },
        { "{members: slaves/}", "5:22: members: pattern 'slaves/': it has an empty component" },
        { "{members: \"virtfn[0-9\"}", "5:22: members: pattern 'virtfn[0-9': '[' has no ']'" },
        { "{members: \"virtfn[9-0]\"}", "5:22: members: pattern 'virtfn[9-0]': the range '9-0' is empty" },
        { "{members: *}", "5:22: a value cannot begin with '*' (put it in quotes)" },
        { "{leader: peer, members: \"p*\"}", "5:36: members: pattern 'p*': it matches the leader's link 'peer' (a leader is not a member of its own member)" },
        { "{leader: a/b, members: \"**\"}", "5:35: members: pattern '**': it matches the leader's link 'a/b' (a leader is not a member of its own member)" },
        { "{leader: physfn, members: physfn}", "5:38: members: pattern 'physfn': it matches the leader's link 'physfn' (a leader is not a member of its own member)" },
    };

    [Theory]
    [MemberData(nameof(Groups))]
    public void A_mistake_in_a_group(string group, string problem) =>
        Assert.Equal([$"x.yaml:{problem}"], RuleScratch.Check(RuleScratch.WithRule($"group: {group}")));

    [Theory]
    [InlineData("leader: physfn", "5:5: unknown key 'leader' (it belongs in 'group')")]
    [InlineData("match: {members: a}", "5:13: unknown key 'members' (it belongs in 'group')")]
    [InlineData("groups: {leader: physfn}", "5:5: unknown key 'groups' (did you mean 'group'?)")]
    public void A_key_at_the_wrong_place(string body, string problem) =>
        Assert.Equal([$"x.yaml:{problem}"], RuleScratch.Check(RuleScratch.WithRule(body)));

    [Fact]
    public void All_mistakes_of_a_group_are_found_at_once() =>
        Assert.Equal(
            [
                "x.yaml:5:21: leader: path '/a': it is absolute (it is relative to the device's directory)",
                "x.yaml:5:34: members: pattern '[': '[' has no ']'",
                "x.yaml:5:39: unknown key 'siez' (one of: leader, members)",
            ],
            RuleScratch.Check(RuleScratch.WithRule("group: {leader: /a, members: \"[\", siez: 4}")));
}
