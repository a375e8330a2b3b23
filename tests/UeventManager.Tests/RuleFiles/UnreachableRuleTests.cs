using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>The likeliest mistake of a beginner: a rule after one that takes all its devices.</summary>
public sealed class UnreachableRuleTests : IDisposable
{
    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_rule_after_one_without_a_match_is_reported_with_that_rule_also_across_files()
    {
        Write("60-net.yaml", "net", "net");
        Write("99-mine.yml", "net", "mine: {match: {sysname: \"first*\"}}");
        Assert.Equal(["99-mine.yml:4: warning: rule 'mine' is never in force: 60-net.yaml:4 ('net') comes first and matches all of net"], Warnings());
    }

    [Fact]
    public void A_wider_test_of_the_same_kind_of_ancestor_hides_a_rule_and_one_of_another_kind_does_not()
    {
        Write("1.yaml", "tty", "ftdi: {match: {parent: {subsystem: usb, devtype: usb_device, attribute: {idVendor: \"04*\"}}}}");
        Write("2.yaml", "tty", "never: {match: {sysname: \"t*\", parent: {subsystem: usb, devtype: usb_device, attribute: {idVendor: \"0403\"}}}}");
        Write("3.yaml", "tty", "other: {match: {parent: {subsystem: usb, attribute: {idVendor: \"0403\"}}}}");
        Write("4.yaml", "tty", "all");
        Assert.Equal(["never"], Names());
    }

    [Fact]
    public void A_hidden_rule_within_one_file_is_reported_once()
    {
        Write("1.yaml", "net", "a", "b", "c: {match: {devtype: vlan}}");
        Assert.Equal(["b", "c"], Names());
        Assert.All(Warnings(), w => Assert.Contains("1.yaml:4 ('a')", w, StringComparison.Ordinal));
    }

    [Fact]
    public void The_subsystems_that_are_hidden_are_named()
    {
        Write("1.yaml", "net", "net");
        Write("2.yaml", "[net, pci]", "both");
        Write("3.yaml", "pci", "pci");
        Assert.Equal(
            [
                "2.yaml:4: warning: rule 'both' is never in force for net: 1.yaml:4 ('net') comes first and matches all of net",
                "3.yaml:4: warning: rule 'pci' is never in force: 2.yaml:4 ('both') comes first and matches all of pci",
            ],
            Warnings());
    }

    [Fact]
    public void A_rule_for_every_subsystem_hides_rules_of_all_and_is_hidden_only_by_another_such_rule()
    {
        Write("1.yaml", "net", "net");
        Write("2.yaml", "\"*\"", "all");
        Write("3.yaml", "pci", "pci");
        Write("4.yaml", "\"*\"", "again");
        Assert.Equal(["pci", "again"], Names());
        Assert.All(Warnings(), w => Assert.Contains("2.yaml:4 ('all') comes first and matches every device", w, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sysname: \"*\"", "sysname: lo")]
    [InlineData("sysname: \"*\"", null)]
    [InlineData("devpath: \"/**\"", "driver: x")]
    [InlineData("sysname: \"eth*\"", "sysname: \"eth[0-9]\", devtype: vlan")]
    [InlineData("devtype: vlan", "property: {DEVTYPE: vlan}")]
    [InlineData("property: {A: \"x*\"}", "property: {A: xy, B: z}")]
    [InlineData("attribute: {type: \"!1\"}", "attribute: {type: \"2\"}")]
    [InlineData("exists: device", "exists: [device/driver, phy]")]
    [InlineData("exists: device", "attribute: {device/type: \"*\"}")]
    [InlineData("absent: device/driver", "absent: device")]
    [InlineData("driver: \"!vfio-pci\"", "driver: mlx5_core")]
    [InlineData("devpath: \"/devices/**\"", "devpath: \"/devices/virtual/**\"")]
    public void A_rule_whose_match_implies_an_earlier_one_is_never_reached(string earlier, string? later)
    {
        Pair(earlier, later);
        Assert.Equal(["later"], Names());
    }

    [Theory]
    [InlineData("sysname: \"eth*\"", "sysname: \"e*\"")]
    [InlineData("sysname: \"eth*\"", null)]
    [InlineData("driver: \"*\"", null)]
    [InlineData("devtype: \"*\"", null)]
    [InlineData("devtype: \"*\"", "devtype: \"!vlan\"")]
    [InlineData("devtype: vlan, sysname: \"*\"", "sysname: v0")]
    [InlineData("exists: device/driver", "exists: device")]
    [InlineData("exists: device", "exists: device2")]
    [InlineData("exists: type", "attribute: {type: \"!x\"}")]
    [InlineData("absent: device", "absent: device/driver")]
    [InlineData("attribute: {a: x}", "attribute: {b: x}")]
    [InlineData("attribute: {a: x}", "property: {a: x}")]
    public void A_reachable_rule_gets_no_warning(string earlier, string? later)
    {
        Pair(earlier, later);
        Assert.Empty(Warnings());
    }

    [Fact]
    public void A_match_that_contradicts_itself_is_never_in_force()
    {
        Write("1.yaml", "net", "odd: {match: {exists: device/driver, absent: device}}", "net");
        Assert.Equal(["1.yaml:4: warning: rule 'odd' is never in force: its match requires a path both to exist and to be absent"], Warnings());
    }

    [Fact]
    public void The_shipped_rules_are_all_reached() => Assert.Empty(RuleLoader.Warnings(RuleLoader.Load([ShippedRules.Folder]).Rules));

    private void Pair(string earlier, string? later) =>
        Write("1.yaml", "net", $"earlier: {{match: {{{earlier}}}}}", later is null ? "later" : $"later: {{match: {{{later}}}}}");

    private List<string> Warnings()
    {
        var load = RuleLoader.Load([_scratch.Root]);
        Assert.Empty(load.Problems);
        return RuleLoader.Warnings(load.Rules).Select(w => w.ToString().Replace(_scratch.Root + "/", "", StringComparison.Ordinal)).ToList();
    }

    private IEnumerable<string> Names() => Warnings().Select(w => w.Split('\'')[1]);

    // A rule is a name, or a name and further keys.
    private void Write(string file, string subsystem, params string[] rules) =>
        _scratch.Write(file, $"version: 1\nsubsystem: {subsystem}\nrules:\n" + string.Concat(rules.Select(Rule)));

    private static string Rule(string rule)
    {
        var at = rule.IndexOf(": {", StringComparison.Ordinal);
        return at < 0 ? $"  - name: {rule}\n" : $"  - name: {rule[..at]}\n    {rule[(at + 3)..^1]}\n";
    }
}
