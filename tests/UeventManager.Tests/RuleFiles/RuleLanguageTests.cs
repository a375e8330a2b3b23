using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>A rule file is read as it was written.</summary>
public sealed class RuleLanguageTests
{
    [Fact]
    public void A_rule_has_the_documented_defaults()
    {
        var rule = Read("description: d");
        Assert.Equal(("a", "d", 4), (rule.Name, rule.Description, rule.Line));
        Assert.EndsWith("/x.yaml", rule.File);
        Assert.Equal(["net"], rule.Subsystems);
        Assert.Equal(WaitingActions.Add | WaitingActions.Change, rule.On);
        Assert.Equal((5_000_000, TimeoutPolicy.Hold), (rule.TimeoutUsec, rule.OnTimeout));
        Assert.Empty(rule.Wait);
        Assert.True(rule.Attach.IsEmpty);
        Assert.False(rule.Match.AsksSysfs);
        Assert.Equal((null, null), (rule.Leader, rule.Members));
    }

    [Theory]
    [InlineData("on: [add]", WaitingActions.Add)]
    [InlineData("on: change", WaitingActions.Change)]
    [InlineData("on: [change, add]", WaitingActions.Add | WaitingActions.Change)]
    public void On(string body, WaitingActions on) => Assert.Equal(on, Read(body).On);

    [Theory]
    [InlineData("timeout: 1ms", 1_000)]
    [InlineData("timeout: 1.5s", 1_500_000)]
    [InlineData("timeout: \"10min\"", 600_000_000)]
    public void Timeout(string body, long usec) => Assert.Equal(usec, Read(body).TimeoutUsec);

    [Theory]
    [InlineData("hold", TimeoutPolicy.Hold)]
    [InlineData("deliver", TimeoutPolicy.Deliver)]
    [InlineData("drop", TimeoutPolicy.Drop)]
    public void The_timeout_policies_are_read(string word, TimeoutPolicy policy) => Assert.Equal(policy, Read($"onTimeout: {word}").OnTimeout);

    [Fact]
    public void Match_takes_everything_of_the_manual()
    {
        var match = Read(
            "match:\n  devtype: \"!lo\"\n  devpath: \"/devices/**\"\n  sysname: 5\n  driver: mdev*\n" +
            "  property: {MDEV_STATE: registered, N: 1}\n  attribute: {vendor: 0x8086}\n  exists: sriov_totalvfs\n  absent: [physfn, a/b]\n" +
            "  parent: {subsystem: usb, devtype: usb_device, attribute: {idVendor: 0403}}").Match;
        Assert.Equal(("!lo", "/devices/**", "5", "mdev*"), (match.DevType?.Text, match.DevPath?.Text, match.SysName?.Text, match.Driver?.Text));
        Assert.Equal([("MDEV_STATE", "registered"), ("N", "1")], match.Properties.Select(p => (p.Key, p.Value.Text)));
        Assert.Equal([("vendor", "0x8086")], match.Attributes.Select(p => (p.Key, p.Value.Text)));
        Assert.Equal(["sriov_totalvfs"], match.Exists);
        Assert.Equal(["physfn", "a/b"], match.Absent);
        Assert.Equal(("usb", "usb/usb_device"), (match.Parent!.Subsystem?.Text, match.Parent.Kind));
        Assert.Equal([("idVendor", "0403")], match.Parent.Match.Attributes.Select(p => (p.Key, p.Value.Text)));
    }

    [Theory]
    [InlineData("exists: a/b", "exists: a/b")]
    [InlineData("exists: true", "exists: true")]
    [InlineData("absent: a", "absent: a")]
    [InlineData("link: a", "link: a")]
    [InlineData("{link: a, target: b*}", "link: a target b*")]
    [InlineData("{attribute: a, equals: 4}", "attribute: a equals \"4\"")]
    [InlineData("{attribute: a, equals: \"\"}", "attribute: a equals \"\"")]
    [InlineData("{attribute: a, equals: null}", "attribute: a equals \"null\"")]
    [InlineData("{equals: 4, attribute: a}", "attribute: a equals \"4\"")]
    [InlineData("{attribute: a, in: [1, b]}", "attribute: a in [\"1\", \"b\"]")]
    [InlineData("{attribute: a, matches: \"0x*\"}", "attribute: a matches \"0x*\"")]
    [InlineData("{attribute: a, notEmpty: true}", "attribute: a notEmpty")]
    [InlineData("{attribute: a, atLeast: 0x10}", "attribute: a atLeast 16")]
    [InlineData("{attribute: a, atLeast: -5}", "attribute: a atLeast -5")]
    [InlineData("{property: A, equals: b}", "property: A equals \"b\"")]
    [InlineData("{count: \"tx-[0-9]*\", equals: 0}", "count: tx-[0-9]* equals 0")]
    [InlineData("{count: queues/tx-*, atLeast: 2}", "count: queues/tx-* atLeast 2")]
    [InlineData("{count: virtfn*, equals: {attribute: sriov_numvfs}}", "count: virtfn* equals {attribute: sriov_numvfs}")]
    [InlineData("{count: \"**/[a/b]\", atLeast: 1}", "count: **/[a/b] atLeast 1")]
    [InlineData("{count: \"!power\", atLeast: 1}", "count: !power atLeast 1")]
    [InlineData("stable: {for: 50ms, paths: [queues/*, a]}", "stable: for 50ms [queues/*, a]")]
    [InlineData("deviceNode: true", "deviceNode: true")]
    [InlineData("udev: true", "udev: true")]
    [InlineData("any: [{exists: a}, {link: b}]", "any: [exists: a, link: b]")]
    [InlineData("all: [{exists: a}]", "all: [exists: a]")]
    [InlineData("not: {exists: a}", "not: {exists: a}")]
    [InlineData("not: {any: [{not: {udev: true}}]}", "not: {any: [not: {udev: true}]}")]
    public void Condition(string item, string text)
    {
        var read = Assert.Single(Read($"wait:\n  - {item}").Wait);
        Assert.Equal((text, (long?)null), (read.Condition.Text, read.OptionalUsec));
    }

    [Fact]
    public void An_item_may_be_optional()
    {
        var wait = Read("timeout: 2s\nwait: [{exists: a}, {optional: 1999ms, link: b, target: c}]").Wait;
        Assert.Equal([("exists: a", null), ("link: b target c", 1_999_000L)], wait.Select(w => (w.Condition.Text, w.OptionalUsec)));
    }

    [Theory]
    [InlineData("wait:")]
    [InlineData("wait: []")]
    public void A_rule_need_not_wait_for_anything(string body) => Assert.Empty(Read(body).Wait);

    [Fact]
    public void Attach()
    {
        var attach = Read("attach: {attributes: [mdev_type/name], links: [mdev_type, device/driver], udev: [ID_*]}").Attach;
        Assert.Equal(["mdev_type/name"], attach.Attributes);
        Assert.Equal(["mdev_type", "device/driver"], attach.Links);
        Assert.Equal(["ID_*"], attach.Udev.Select(g => g.Text));
    }

    [Theory]
    [InlineData("group: {leader: physfn}", "physfn", null)]
    [InlineData("group: {members: \"virtfn*\"}", null, "virtfn*")]
    [InlineData("group:\n  members: slaves/*\n  leader: device/physfn", "device/physfn", "slaves/*")]
    [InlineData("group: {members: \"port-?/[a-f]*\"}", null, "port-?/[a-f]*")]
    [InlineData("group: {leader: device, members: \"*/device\"}", "device", "*/device")]
    public void Group(string body, string? leader, string? members)
    {
        var rule = Read(body);
        Assert.Equal((leader, members), (rule.Leader, rule.Members));
    }

    [Theory]
    [InlineData("subsystem: net", new[] { "net" })]
    [InlineData("subsystem: \"*\"", new[] { "*" })]
    [InlineData("subsystem: [net, block]", new[] { "net", "block" })]
    public void Subsystem(string line, string[] subsystems)
    {
        using var scratch = new RuleScratch();
        var load = RuleLoader.LoadPaths([scratch.Write("x.yaml", $"version: 1\n{line}\nrules: [{{name: a}}]\n")]);
        SchemaVerdict.Agrees(File.ReadAllText(scratch.Path("x.yaml")), []);
        Assert.Equal(subsystems, Assert.Single(load.Rules).Subsystems);
    }

    /// <summary>A word of the schema without a reader, or the reverse, would be a language that its manual does not describe.</summary>
    [Fact]
    public void Every_condition_of_the_schema_is_read()
    {
        foreach (var condition in RuleSchema.Conditions)
        {
            var value = condition.Name switch
            {
                "deviceNode" or "udev" => "true",
                "not" => "{exists: a}",
                "any" or "all" => "[{exists: a}]",
                "stable" => "{for: 1ms, paths: [a]}",
                _ => "a",
            };
            foreach (var with in RuleSchema.Names(condition.With).DefaultIfEmpty())
            {
                var test = with switch { null => "", "in" => ", in: [b]", "notEmpty" => ", notEmpty: true", _ => $", {with}: 1" };
                Assert.StartsWith(condition.Name, Assert.Single(Read($"wait: [{{{condition.Name}: {value}{test}}}]").Wait).Condition.Text);
            }
        }
    }

    [Fact]
    public void Every_test_of_what_udev_says_is_read() =>
        Assert.All(RuleSchema.ValueTests, test => Assert.StartsWith($"udev: {{property: ID_A}} {test.Name}",
            Assert.Single(Read($"wait: [{{udev: {{property: ID_A, {test.Name}: {test.Name switch { "in" => "[b]", "notEmpty" => "true", _ => "1" }}}}}}]").Wait).Condition.Text));

    [Fact]
    public void Every_key_of_a_group_in_the_schema_is_read() =>
        Assert.All(RuleSchema.GroupKeys, k => Assert.Equal("a", Read($"group: {{{k.Name}: a}}") is var rule ? rule.Leader ?? rule.Members : null));

    private static Rule Read(string body)
    {
        using var scratch = new RuleScratch();
        var text = RuleScratch.WithRule(body);
        var load = RuleLoader.LoadPaths([scratch.Write("x.yaml", text)]);
        Assert.Empty(load.Problems);
        SchemaVerdict.Agrees(text, []);
        return Assert.Single(load.Rules);
    }
}
