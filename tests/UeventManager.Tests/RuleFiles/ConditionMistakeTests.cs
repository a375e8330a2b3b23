namespace UeventManager.Tests.RuleFiles;

/// <summary>A condition that is read as something else waits for the wrong thing, or for nothing.</summary>
public sealed class ConditionMistakeTests
{
    private static readonly string LongPath = new('a', 4_096);

    /// <summary>One item of <c>wait</c>; it begins at line 6, column 9.</summary>
    public static TheoryData<string, string> Items { get; } = new()
    {
        { "mdev_type", "6:9: a condition must be a mapping, not a text (write 'exists: mdev_type')" },
        { "[a]", "6:9: a condition must be a mapping, not a list" },
        { "", "6:8: a condition must be a mapping, not nothing" },
        { "{}", "6:9: no condition here (one of: exists, absent, link, attribute, count, property, stable, deviceNode, udev, any, all, not)" },
        { "optional: 1s", "6:9: no condition here (one of: exists, absent, link, attribute, count, property, stable, deviceNode, udev, any, all, not)" },
        { "equals: 4", "6:9: no condition here (one of: exists, absent, link, attribute, count, property, stable, deviceNode, udev, any, all, not)" },
        { "exsits: a", "6:9: unknown key 'exsits' (did you mean 'exists'?)" },
        { "{exists: a, absent: b}", "6:21: a second condition in one item, 'absent' beside 'exists' (begin a new item with '- ')" },
        { "{exists: a, equals: b}", "6:21: 'equals' is not allowed with 'exists'" },
        { "{link: a, equals: b}", "6:19: 'equals' is not allowed with 'link' (one of: target)" },
        { "{count: a, matches: b, equals: 1}", "6:20: 'matches' is not allowed with 'count' (one of: equals, atLeast)" },
        { "exists:", "6:16: 'exists' has no value" },
        { "exists: [a, b]", "6:17: 'exists' must be a text, not a list" },
        { "exists: \"\"", "6:17: exists: path '': it is empty" },
        { "exists: /sys/a", "6:17: exists: path '/sys/a': it is absolute (it is relative to the device's directory)" },
        { "exists: a/../b", "6:17: exists: path 'a/../b': it contains '..' (it must not leave the device's directory)" },
        { "exists: a//b", "6:17: exists: path 'a//b': it has an empty component" },
        { "exists: a/", "6:17: exists: path 'a/': it has an empty component" },
        { "exists: ./a", "6:17: exists: path './a': it contains '.' (leave it out)" },
        { "exists: \"a\\0b\"", "6:17: exists: path 'a\\u0000b': it has a control character" },
        { $"exists: {LongPath}", $"6:17: exists: path '{LongPath[..60]}…': it is longer than 4095 bytes" },
        { "exists: tx-*", "6:17: exists: path 'tx-*': '*' is allowed only in patterns, and this is a path" },
        { "{link: a, target: b/c}", "6:27: target: pattern 'b/c': it can never match (one name has no '/')" },
        { "{link: a, target: \"[\"}", "6:27: target: pattern '[': '[' has no ']'" },
        { "attribute: a", "6:9: 'attribute' needs a test (one of: equals, in, matches, notEmpty, atLeast)" },
        { "{attribute: a, equals: b, in: [c]}", "6:35: a second test in one condition, 'in' beside 'equals' (make it an item of its own)" },
        { "{attribute: a, equals: [b]}", "6:32: 'equals' must be a text, not a list (for several values use 'in')" },
        { "not: [{exists: a}]", "6:14: 'not' takes one condition, not a list (write 'not: {any: [...]}')" },
        { "{attribute: a, equals: }", "6:32: 'equals' has no value" },
        { "{attribute: a, in: b}", "6:28: 'in' must be a list, not a text (write [b])" },
        { "{attribute: a, in: []}", "6:28: 'in' is an empty list" },
        { "{attribute: a, matches: \"[\"}", "6:33: matches: pattern '[': '[' has no ']'" },
        { "{attribute: a, notEmpty: \"true\"}", "6:34: 'notEmpty' must be true without quotes" },
        { "{attribute: a, notEmpty: yes}", "6:34: 'notEmpty' must be true, not 'yes'" },
        { "{attribute: a, notEmpty: false}", "6:34: 'notEmpty: false' tests nothing (remove it, or write 'not: {notEmpty: true}')" },
        { "{attribute: a, atLeast: many}", "6:33: 'atLeast' must be a whole number, not 'many'" },
        { "{attribute: a, atLeast: 1.5}", "6:33: 'atLeast' must be a whole number, not '1.5'" },
        { "{property: A=B, equals: c}", "6:20: property name 'A=B' contains '='" },
        { "{property: A}", "6:10: 'property' needs a test (one of: equals, in, matches, notEmpty, atLeast)" },
        { "count: a", "6:9: 'count' needs a test (one of: equals, atLeast)" },
        { "{count: \"a/**[\", equals: 1}", "6:17: count: pattern 'a/**[': '[' has no ']'" },
        { "{count: \"a/!\", equals: 1}", "6:17: count: pattern 'a/!': '!' needs a pattern after it" },
        { "{count: \"[a/b]\", equals: 1}", "6:17: count: pattern '[a/b]': '[' has no ']'" },
        { $"{{count: {LongPath[..1000]}/{LongPath[..24]}, equals: 1}}", $"6:17: count: pattern '{LongPath[..60]}…': it is longer than 1024 characters" },
        { $"{{link: a, target: {LongPath[..1025]}}}", $"6:27: target: pattern '{LongPath[..60]}…': it is longer than 1024 characters" },
        { "{count: /a, equals: 1}", "6:17: count: pattern '/a': it is absolute (it is relative to the device's directory)" },
        { "{count: a, equals: -1}", "6:28: equals: -1 is negative, but a count never is" },
        { "{count: a, atLeast: 0}", "6:29: atLeast: 0 always holds (write at least 1)" },
        { "{count: a, equals: b}", "6:28: 'equals' must be a whole number, not 'b'" },
        { "{count: a, equals: {}}", "6:28: 'equals' needs a number, or '{attribute: path}'" },
        { "{count: a, equals: {attribute: /b}}", "6:40: attribute: path '/b': it is absolute (it is relative to the device's directory)" },
        { "{count: a, equals: {link: b, attribute: c}}", "6:29: unknown key 'link' (it belongs in an item of 'wait')" },
        { "stable: 50ms", "6:17: 'stable' must be a mapping, not a text (its keys: for, paths)" },
        { "stable: {for: 50ms}", "6:17: 'stable' needs 'paths' ('stable: {for: 50ms, paths: [\"queues/*\"]}')" },
        { "stable: {paths: [a]}", "6:17: 'stable' needs 'for' ('stable: {for: 50ms, paths: [\"queues/*\"]}')" },
        { "stable: {for: 50, paths: [a]}", "6:23: for: 50 has no unit (did you mean '50ms' or '50s'?)" },
        { "stable: {for: 5s, paths: [a]}", "6:23: for: 5s is not shorter than the timeout (5s)" },
        { "stable: {for: 1s, paths: []}", "6:34: 'paths' is an empty list" },
        { "stable: {for: 1s, paths: a}", "6:34: 'paths' must be a list, not a text (write [a])" },
        { "deviceNode: false", "6:21: 'deviceNode: false' tests nothing (remove it, or write 'not: {deviceNode: true}')" },
        { "deviceNode:", "6:20: 'deviceNode' has no value (write 'true')" },
        { "udev: False", "6:15: 'udev' must be true, not 'False'" },
        { "udev: [true]", "6:15: 'udev' must be true, not a list" },
        { "udev: {}", "6:15: 'udev' needs 'true', or a property and a test ('udev: {property: ID_FS_TYPE, notEmpty: true}')" },
        { "udev: {notEmpty: true}", "6:15: 'udev' needs 'true', or a property and a test ('udev: {property: ID_FS_TYPE, notEmpty: true}')" },
        { "udev: {property: ID_A}", "6:16: 'property' needs a test (one of: equals, in, matches, notEmpty, atLeast)" },
        { "udev: {property: ID_A, equals: a, in: [b]}", "6:43: a second test in one condition, 'in' beside 'equals' (make it an item of its own)" },
        { "udev: {property: ID_A, equals: a, notEmty: true}", "6:43: unknown key 'notEmty' (did you mean 'notEmpty'?)" },
        { "{udev: true, notEmpty: true}", "6:22: 'notEmpty' is not allowed with 'udev'" },
        { "any: []", "6:14: 'any' is an empty list" },
        { "all: {exists: a}", "6:14: 'all' must be a list, not a mapping" },
        { "any: [{exists: a}, b]", "6:28: a condition must be a mapping, not a text (write 'exists: b')" },
        { "any: [{exists: a, optional: 1s}]", "6:27: 'optional' is allowed only in a direct item of 'wait', not inside 'any', 'all' or 'not'" },
        { "not: {exists: a, optional: 1s}", "6:26: 'optional' is allowed only in a direct item of 'wait', not inside 'any', 'all' or 'not'" },
        { "{exists: a, optional: 5s}", "6:31: optional: 5s is not shorter than the timeout (5s)" },
        { "{exists: a, optional: 1}", "6:31: optional: 1 has no unit (did you mean '1ms' or '1s'?)" },
        { "{exists: a, optional: true}", "6:31: optional: 'true' is not a duration (such as 500ms, 5s or 2min)" },
        { "{exists: a, optional: 0s}", "6:31: optional: 0s is shorter than 1ms" },
    };

    [Theory]
    [MemberData(nameof(Items))]
    public void A_mistake_in_a_condition(string item, string problem) =>
        Assert.Equal([$"x.yaml:{problem}"], RuleScratch.Check(RuleScratch.WithRule($"wait:\n  - {item}")));

    [Fact]
    public void A_rule_has_a_greatest_number_of_conditions_those_inside_others_included()
    {
        static string Wait(int nested) => RuleScratch.WithRule($"wait:\n  - any: [{string.Join(", ", Enumerable.Range(0, nested).Select(i => $"{{exists: a{i}}}"))}]\n  - exists: b");
        Assert.Empty(RuleScratch.Check(Wait(62)));
        Assert.Equal(
            ["x.yaml:7:9: more than 64 conditions in one rule, including those inside 'any', 'all' and 'not' (write several rules)"],
            RuleScratch.Check(Wait(63)));
        Assert.Equal(
            ["x.yaml:6:20: more than 256 items in 'attributes'"],
            RuleScratch.Check(RuleScratch.WithRule($"attach:\n  attributes: [{string.Join(", ", Enumerable.Range(0, 257).Select(i => $"a{i}"))}]")).Select(problem => System.Text.RegularExpressions.Regex.Replace(problem, ":6:[0-9]+:", ":6:20:")));
    }

    [Theory]
    [InlineData("wait: mdev_type", "5:11: 'wait' must be a list, not a text (begin each condition with '- ')")]
    [InlineData("wait: {exists: a}", "5:11: 'wait' must be a list, not a mapping (begin each condition with '- ')")]
    public void Wait_is_a_list(string body, string problem) =>
        Assert.Equal([$"x.yaml:{problem}"], RuleScratch.Check(RuleScratch.WithRule(body)));

    [Fact]
    public void An_invalid_timeout_causes_no_second_error_about_a_shorter_duration() =>
        Assert.Equal(
            ["x.yaml:5:14: timeout: 5 has no unit (did you mean '5ms' or '5s'?)"],
            RuleScratch.Check(RuleScratch.WithRule("timeout: 5\nwait: [{exists: a, optional: 9s}]")));
}
