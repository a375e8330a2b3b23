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

    // Nothing in their uevents tells a physical function from its virtual ones, and they are many. Its functions come when it has long been announced,
    // and go before it does.
    [Fact]
    public void AnEntryTellsTwoKindsApartWhereNoPropertyDoes()
    {
        var script = new RecordingScript { Header = new() { Depth = 3, HasValues = true, AtUsec = RecordingScript.At(0) } };
        for (var i = 0; i < 4; i++)
        {
            var (path, at, count) = ($"/devices/pci/0000:0{i}:00.0", 10 + (i * 5000), i * 4);
            script.Add(at, path, "pci", ["vendor", "sriov_numvfs", "sriov_totalvfs", "rom"]).Value(at + 1, path, "sriov_numvfs", "0").Appears(at + 5, path, "driver -> /bus/pci/drivers/nvme");
            for (var v = 1; v <= count; v++)
                script.Add(at + 900 + v, $"/devices/pci/0000:0{i}:00.{v}", "pci", ["vendor"]).Appears(at + 900.5 + v, path, $"virtfn{v - 1} -> /devices/pci/0000:0{i}:00.{v}").Appears(at + 900.5 + v, $"/devices/pci/0000:0{i}:00.{v}", $"physfn -> {path}");
            script.Value(at + 930, path, "sriov_numvfs", $"{count}");
            for (var v = 1; v <= count; v++)
                script.Disappears(at + 1900 + v, path, $"virtfn{v - 1}").Uevent(at + 1900.5 + v, "remove", $"/devices/pci/0000:0{i}:00.{v}", "pci");
            script.Value(at + 2900, path, "sriov_numvfs", "0").Uevent(at + 3000, "remove", path, "pci");
        }
        var text = Learn(script.End(25_000), out var rules);
        Assert.Equal(["learned-pci-sriov_numvfs", "learned-pci"], rules.Select(rule => rule.Name));
        Assert.Contains("exists: \"sriov_numvfs\"", text, StringComparison.Ordinal);
        Assert.Contains(rules[0].Wait, item => item.Condition.Text == "count: virtfn* equals {attribute: sriov_numvfs}" && item.OptionalUsec is null);
        Assert.Contains("virtfn* came later than the add", text, StringComparison.Ordinal);
        Assert.Equal("link: physfn", Assert.Single(rules[1].Wait).Condition.Text);
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

    // The controller's name is seen before its uevent is received, and the vectors come one by one. The function is the same each time.
    [Fact]
    public void InANewDirectoryChildrenAndNumberedEntriesAreWaitedForToo()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 4; i++)
        {
            const string Path = "/devices/pci0000:00/0000:00:01.0";
            var at = 10 + (i * 1000);
            script.Add(at, Path, "pci", ["vendor"]).Appears(at + 3, Path, "nvme/").Appears(at + 3.1, Path, "nvme/nvme0/").Add(at + 9, $"{Path}/nvme/nvme0", "nvme", ["state"])
                .Appears(at + 10, Path, "msi_irqs/").Appears(at + 10, Path, "msi_irqs/39").Appears(at + 10, Path, "msi_irqs/40").Appears(at + 10, Path, "msi_irqs/mode")
                .Uevent(at + 900, "remove", $"{Path}/nvme/nvme0", "nvme").Uevent(at + 901, "remove", Path, "pci");
        }
        Learn(script.End(5000), out var rules);
        Assert.Equal(["exists: nvme", "exists: msi_irqs", "count: nvme/nvme* atLeast 1", "count: msi_irqs/[0-9]* atLeast 2"], Assert.Single(rules).Wait.Select(item => item.Condition.Text));
    }

    // On a slow machine the link of one function in four comes late, as if it were made by use. At the first look of the others it is there.
    [Fact]
    public void ALinkThatMostDevicesHaveAtTheirFirstLookBelongsToTheArrival()
    {
        var script = new RecordingScript().Existing("/devices/pci/pf", "pci", "vendor");
        for (var i = 0; i < 8; i++)
        {
            var path = $"/devices/pci/vf{i}";
            var isLate = i % 4 == 0;
            script.Add(10 + (i * 100), path, "pci", isLate ? ["vendor"] : ["vendor", "physfn -> /devices/pci/pf"]);
            if (isLate)
                script.Appears(18 + (i * 100), path, "physfn -> /devices/pci/pf");
        }
        Learn(script.End(5000), out var rules);
        Assert.Equal("link: physfn", Assert.Single(Assert.Single(rules).Wait).Condition.Text);
    }

    [Fact]
    public void APatternCountsNoOtherNames()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 4; i++)
        {
            var path = $"/devices/pci0000:00/0000:00:0{i}.0";
            script.Add(10 + (i * 100), path, "pci", ["resource"]).Appears(11 + (i * 100), path, "resource0").Appears(11 + (i * 100), path, $"resource{2 + (i % 2)}");
        }
        Learn(script.End(5000), out var rules);
        Assert.Equal("count: resource[0-9]* atLeast 2", Assert.Single(Assert.Single(rules).Wait).Condition.Text);
    }

    [Fact]
    public void ADelayIsCalledABoundWhereNobodyLooked()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 4; i++)
        {
            var path = $"/devices/virtual/odd/d{i}";
            script.Add(10 + (i * 1000), path, "odd", ["mtu"]);
            script.Write(new NameLine(RecordingScript.At(500 + (i * 1000)), RecordingScript.At(11 + (i * 1000)), path, RecordingScript.Name("late"), Appeared: true));
        }
        Assert.Contains("# 4 of the delays are only upper bounds: there was no look for up to 489 ms before", Learn(script.End(5000), out _), StringComparison.Ordinal);
        Assert.DoesNotContain("bounds", Learn(Bridges(20, 0.3), out _), StringComparison.Ordinal);
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
