using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.Recording;

/// <summary>A learned file names what was late and nothing else, is a rule file, and holds the devices of another recording.</summary>
public sealed class LearnTests
{
    [Fact]
    public void ANameLateOnAnyDeviceIsRequiredForAll()
    {
        var text = Learn(Bridges(20, 0.3), out var rules);
        Assert.Contains("""
                  # late on 10 of 20 devices: p50 0.3 ms, p99 0.3 ms, worst 0.3 ms
                  - {exists: "brforward"}
            """, text, StringComparison.Ordinal);
        Assert.Contains("devtype: \"bridge\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("mtu", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bridge/", text, StringComparison.Ordinal);
        Assert.Equal(["exists: brforward", "exists: bridge"], Assert.Single(rules).Wait.Select(item => item.Condition.Text));
        AllComplete(Bridges(30, 7), rules);
    }

    [Fact]
    public void ANameThatSomeDevicesLackIsOptional()
    {
        var text = Learn(Mixed(), out var rules);
        var rule = Assert.Single(rules);
        Assert.Contains("devtype: \"!*\"", text, StringComparison.Ordinal);
        Assert.Contains(rule.Wait, item => item.Condition.Text == "count: tap* atLeast 1" && item.OptionalUsec == 10_000);
        Assert.Contains(rule.Wait, item => item.Condition.Text == "count: lower_* atLeast 1" && item.OptionalUsec == 10_000);
        Assert.Contains("10 of 20 never got it", text, StringComparison.Ordinal);
        AllComplete(Mixed(), rules);
    }

    [Fact]
    public void TheLastOfSeveralIsWaitedForByTheirNumber()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 20; i++)
        {
            var path = $"/devices/virtual/net/veth{i}";
            script.Add(10 + (i * 100), path, "net", ["mtu", "queues/", "queues/rx-0/", "queues/tx-0/"]).Appears(10.4 + (i * 100), path, "queues/tx-1/").Appears(10.5 + (i * 100), path, "queues/tx-1/xps");
        }
        var text = Learn(script.End(5000), out var rules);
        Assert.Equal("count: queues/tx-* atLeast 2", Assert.Single(Assert.Single(rules).Wait).Condition.Text);
        Assert.Contains("late on 20 of 20 devices", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAttributeThatAgreesGivesTheCount()
    {
        var script = new RecordingScript { Header = new() { Depth = 3, HasValues = true, AtUsec = RecordingScript.At(0) } };
        for (var i = 0; i < 20; i++)
        {
            var path = $"/devices/pci/pf{i}";
            script.Add(10 + (i * 100), path, "pci", ["sriov_numvfs"]).Value(10.2 + (i * 100), path, "sriov_numvfs", $"{1 + (i % 3)}");
            for (var v = 0; v <= i % 3; v++)
                script.Appears(11 + v + (i * 100), path, $"virtfn{v} -> /devices/pci/pf{i}/x{v}");
        }
        Learn(script.End(5000), out var rules);
        Assert.Equal("count: virtfn* equals {attribute: sriov_numvfs}", Assert.Single(Assert.Single(rules).Wait).Condition.Text);
    }

    [Fact]
    public void APropertyTellsTwoKindsApart()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 20; i++)
        {
            var path = $"/devices/pci/0000:00:{i:x2}.0";
            script.Add(10 + (i * 100), path, "pci", ["vendor"], i % 2 == 0 ? "PCI_CLASS=10802" : "PCI_CLASS=20000", $"PCI_SLOT_NAME=0000:00:{i:x2}.0");
            if (i % 2 == 0)
                script.Add(17 + (i * 100), $"{path}/nvme/nvme{i}", "nvme", ["state"]).Appears(17.2 + (i * 100), path, "nvme/").Appears(17.2 + (i * 100), path, $"nvme/nvme{i}/");
        }
        Learn(script.End(5000), out var rules);
        var rule = Assert.Single(rules);
        Assert.Equal("PCI_CLASS", Assert.Single(rule.Match.Properties).Key);
        Assert.Contains(rule.Wait, item => item.Condition.Text == "count: nvme/nvme* atLeast 1" && item.OptionalUsec is null);
    }

    [Fact]
    public void FlappingAndUnrelatedNamesAreLeftOutWithARemark()
    {
        var script = new RecordingScript().Existing("/devices/virtual/net/br0", "net", "bridge/");
        for (var i = 0; i < 20; i++)
        {
            var path = $"/devices/virtual/net/veth{i}";
            script.Add(10 + (i * 1000), path, "net", ["mtu"]).Appears(10.4 + (i * 1000), path, "late").Appears(11 + (i * 1000), path, "flap").Disappears(14 + (i * 1000), path, "flap")
                .Appears(200 + (i * 1000), path, "master -> /devices/virtual/net/br0");
        }
        var text = Learn(script.End(30_000), out var rules);
        Assert.Equal("exists: late", Assert.Single(Assert.Single(rules).Wait).Condition.Text);
        Assert.Contains("flap, which appeared and disappeared again", text, StringComparison.Ordinal);
        Assert.Contains("master, which appeared much later", text, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAreQuotedWhateverTheyHold()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 3; i++)
        {
            var path = $"/devices/virtual/odd/d{i}";
            script.Add(10 + (i * 100), path, "odd", ["mtu"], "DEVTYPE=a\"b: {c}").Appears(10.4 + (i * 100), path, "we\"ird: {name}, [x]");
        }
        Learn(script.End(5000), out var rules);
        Assert.Single(rules);
    }

    [Fact]
    public void WithoutLateNamesThereIsNoRule() =>
        Assert.Empty(Assert.Single(Learner.Learn([new RecordingScript().Add(10, "/devices/a", "net", ["mtu"]).End(500)], [])).Rules);

    private static RecordedWorld Bridges(int count, double delay)
    {
        var script = new RecordingScript();
        for (var i = 0; i < count; i++)
        {
            var (path, at) = ($"/devices/virtual/net/br{i}", 10 + (i * 200));
            script.Add(at, path, "net", i % 2 == 0 ? ["mtu", "bridge/", "bridge/priority", "brforward"] : ["mtu"], "DEVTYPE=bridge");
            if (i % 2 != 0)
                script.Appears(at + delay, path, "bridge/").Appears(at + delay, path, "bridge/priority").Appears(at + delay, path, "brforward");
        }
        return script.End(10 + (count * 200));
    }

    private static RecordedWorld Mixed()
    {
        var script = new RecordingScript().Existing("/devices/virtual/net/eth0", "net", "mtu");
        for (var i = 0; i < 20; i++)
        {
            var (path, at) = ($"/devices/virtual/net/{(i % 2 == 0 ? "mt" : "ve")}{i}", 10 + (i * 100));
            script.Add(at, path, "net", ["mtu"]);
            if (i % 2 == 0)
                script.Appears(at + 0.3, path, $"tap{i} -> {path}/macvtap/tap{i}").Appears(at + 0.4, path, "lower_eth0 -> /devices/virtual/net/eth0");
        }
        return script.End(5000);
    }

    private static string Learn(RecordedWorld world, out IReadOnlyList<Rule> rules)
    {
        var file = Assert.Single(Learner.Learn([world], []), one => one.Rules.Count > 0);
        var text = LearnedText.Of(file, [world]);
        var problems = new ProblemList("learned.yaml");
        rules = RuleFileReader.Read(text, 1000, new RuleNames(), problems);
        Assert.True(problems.IsEmpty, string.Join('\n', problems.Sorted) + "\n" + text);
        Assert.Empty(RuleLoader.Warnings(rules));
        return text;
    }

    private static void AllComplete(RecordedWorld world, IReadOnlyList<Rule> rules)
    {
        var replay = new Replay(world, new RuleSet(rules));
        replay.Run();
        Assert.NotEmpty(replay.Devices);
        Assert.Empty(replay.Unknown);
        Assert.All(replay.Devices, device => Assert.Equal((device.DevPath, ReplayOutcome.Complete), (device.DevPath, device.Outcome)));
    }
}
