using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>A mistake in a shipped rule would leave a whole subsystem without one.</summary>
public sealed class ShippedRulesTests
{
    private static readonly RuleLoad Load = RuleLoader.Load([ShippedRules.Folder]);

    [Fact]
    public void All_of_them_load()
    {
        Assert.Empty(Load.Problems);
        Assert.Equal(["40-mdev.yaml", "50-pci.yaml", "60-net.yaml", "70-block.yaml"], Load.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void Examples_load_beside_them()
    {
        var load = RuleLoader.LoadPaths([ShippedRules.Folder, ShippedRules.Examples]);
        Assert.Empty(load.Problems);
        Assert.Equal(ShippedRules.Files.Count, load.Files.Count);
    }

    [Fact]
    public void Changes_pass_without_a_look() => Assert.All(Load.Rules, r => Assert.Equal(WaitingActions.Add, r.On));

    [Fact]
    public void What_may_never_come_holds_a_device_for_half_a_second_at_most() =>
        Assert.All(Load.Rules.SelectMany(r => r.Wait), w => Assert.True(w.OptionalUsec is null or <= 500_000));

    [Theory]
    [InlineData("mdev", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "", "mdev")]
    [InlineData("pci", "0000:00:00.0", "PCI_CLASS=60000", "pci-bridge")]
    [InlineData("pci", "0000:00:1c.0", "PCI_CLASS=60400", "pci-bridge")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=10802", "pci")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=0000", "pci")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=600000", "pci")]
    [InlineData("net", "br0", "DEVTYPE=bridge", "net-bridge")]
    [InlineData("net", "eth0.5", "DEVTYPE=vlan", "net-vlan")]
    [InlineData("net", "wlan0", "DEVTYPE=wlan", "net-wlan")]
    [InlineData("net", "macvtap0", "", "net-macvtap")]
    [InlineData("net", "macvlan0", "", "net")]
    [InlineData("net", "lo", "", "net")]
    [InlineData("net", "vxlan0", "DEVTYPE=vxlan", "net")]
    [InlineData("block", "dm-0", "DEVTYPE=disk", "block-dm")]
    [InlineData("block", "md127", "DEVTYPE=disk", "block-md")]
    [InlineData("block", "md_home", "DEVTYPE=disk", "block-md")]
    [InlineData("block", "md127p1", "DEVTYPE=partition", null)]
    [InlineData("block", "loop0", "DEVTYPE=disk", "block-disk")]
    [InlineData("block", "sda", "DEVTYPE=disk", "block-disk")]
    [InlineData("block", "sda1", "DEVTYPE=partition", null)]
    public void Each_device_has_its_rule(string subsystem, string sysname, string property, string? name) =>
        Assert.Equal(name, Load.Rules.FirstOrDefault(r => r.Subsystems.Contains(subsystem) && Fits(r.Match, sysname, property))?.Name);

    private static bool Fits(RuleMatch match, string sysname, string property)
    {
        string? Value(string key) => property.StartsWith(key + "=", StringComparison.Ordinal) ? property[(key.Length + 1)..] : null;
        Assert.False(match.AsksSysfs);
        return match.SysName?.Matches(sysname) != false
            && match.DevType?.Matches(Value("DEVTYPE")) != false
            && match.Properties.All(p => p.Value.Matches(Value(p.Key)));
    }

    [Fact]
    public void No_rule_hides_behind_a_more_general_one_of_its_subsystem()
    {
        var general = new HashSet<string>();
        foreach (var rule in Load.Rules)
        {
            Assert.All(rule.Subsystems, s => Assert.DoesNotContain(s, general));
            if (rule.Match == new RuleMatch())
                general.UnionWith(rule.Subsystems);
        }
    }
}
