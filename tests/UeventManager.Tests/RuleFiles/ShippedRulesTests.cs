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
