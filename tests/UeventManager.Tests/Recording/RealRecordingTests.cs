using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Recorder;
using UeventManager.RuleFiles;
using UeventManager.Tests.Engine;
using UeventManager.Tests.House;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Recording;

/// <summary>Recorded races of real kernels are tests of the rules, of what is learned, and of the format.</summary>
public sealed class RealRecordingTests
{
    private static readonly IReadOnlyList<Rule> s_shipped = RuleLoader.Load([ShippedRules.Folder]).Rules;

    public static TheoryData<string> All() => [.. Directory.GetFiles(Folder, "*.ndjson").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(SourceTree.Root, "tests/recordings");

    [Theory]
    [MemberData(nameof(All))]
    public void TheRealRecordingIsCompletePseudonymousAndSmall(string name)
    {
        var file = Read(name);
        Assert.Empty(file.Remarks());
        Assert.True(file.World.Header.IsPseudonymous);
        Assert.InRange(new FileInfo(Path.Combine(Folder, name)).Length, 1, 128 * 1024);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheShippedRulesAnnounceNobodyIncomplete(string name)
    {
        var replay = Run(Read(name).World, s_shipped);
        Assert.Empty(replay.Unknown);
        Assert.Empty(replay.Unmatched.Select(device => device.DevPath));
        Assert.Contains(replay.Devices, device => device.IsTested);
        Assert.Empty(replay.Devices.Where(device => device.Outcome is not (ReplayOutcome.Complete or ReplayOutcome.NoRule) && device.Missing.Any(item => !IsNotWaitedFor(item)))
            .Select(device => $"{device.DevPath} {device.Outcome}: {string.Join(", ", device.Missing)}"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ARuleThatWaitsForNothingIsFoundOut(string name) =>
        Assert.Contains(Run(Read(name).World, TestRules.Of("- name: nothing\n  wait: [{exists: uevent}]").Rules).Devices, device => device.Outcome == ReplayOutcome.Incomplete);

    [Fact]
    public void RulesLearnedFromSomeDevicesHoldForTheOthers()
    {
        RecordedWorld[] known = [Read("macvtap.ndjson").World, Read("bridge-veth.ndjson").World];
        var file = Assert.Single(Learner.Learn(known, ["net"]));
        var text = LearnedText.Of(file, known);
        var problems = new ProblemList("learned.yaml");
        var rules = RuleFileReader.Read(text, 1000, new RuleNames(), problems);
        Assert.True(problems.IsEmpty, text);
        Assert.Contains("{exists: \"brforward\"}", text, StringComparison.Ordinal);
        Assert.Contains("{count: \"tap*\", atLeast: 1, optional:", text, StringComparison.Ordinal);
        foreach (var name in new[] { "macvtap-again.ndjson", "bridge-veth-again.ndjson" })
        {
            var replay = Run(Read(name).World, rules);
            Assert.Empty(replay.Unknown);
            Assert.All(replay.Devices.Where(device => device.Subsystem == "net"), device => Assert.Equal((device.DevPath, ReplayOutcome.Complete), (device.DevPath, device.Outcome)));
        }
    }

    // What was learned from one kernel holds the devices of another.
    [Theory]
    [InlineData("mdev-6.12.ndjson", "mdev-6.1.ndjson", "mdev", "mdev_type")]
    [InlineData("nvme-6.12.ndjson", "nvme-6.1.ndjson", "pci", "nvme/nvme")]
    [InlineData("sriov-6.12.ndjson", "sriov-6.1.ndjson", "pci", "virtfn")]
    public void RulesLearnedFromOneKernelHoldForAnother(string known, string other, string subsystem, string named)
    {
        RecordedWorld[] worlds = [Read(known).World];
        var text = LearnedText.Of(Assert.Single(Learner.Learn(worlds, [subsystem])), worlds);
        Assert.Contains($"\"{named}", text, StringComparison.Ordinal);
        var problems = new ProblemList("learned.yaml");
        var replay = Run(Read(other).World, RuleFileReader.Read(text, 1000, new RuleNames(), problems));
        Assert.True(problems.IsEmpty, text);
        Assert.Empty(replay.Unknown);
        Assert.Contains(replay.Devices, device => device.IsTested);
        Assert.Empty(replay.Devices.Where(device => device.Subsystem == subsystem && (device.Missing.Count > 0 || device.Outcome == ReplayOutcome.Waiting)).Select(device => $"{device.DevPath} {device.Outcome}: {string.Join(", ", device.Missing)}"));
    }

    [Theory]
    [InlineData("bridge-veth.ndjson", "- name: almost\n  match: {devtype: bridge}\n  wait: [{exists: bridge}]", "brforward")]
    [InlineData("macvtap.ndjson", "- name: almost\n  match: {sysname: \"macvtap*\"}\n  wait: [{exists: macvtap}]", "tap")]
    public void ARuleThatIsAlmostRightIsFoundOut(string name, string rule, string missing)
    {
        var replay = Run(Read(name).World, TestRules.Of(rule).Rules);
        Assert.Contains(replay.Devices, device => device.Outcome == ReplayOutcome.Incomplete && device.Missing.Any(item => item.StartsWith(missing, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void CutAnywhereItIsReadUpToThere(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, name));
        var random = Seed.Random();
        var path = Path.Combine(Path.GetTempPath(), $"uem-cut-{Guid.NewGuid():N}.ndjson");
        try
        {
            for (var i = 0; i < 20; i++)
            {
                var length = random.Next(Array.IndexOf(bytes, (byte)'\n') + 1, bytes.Length);
                File.WriteAllBytes(path, bytes[..length]);
                var file = RecordingFile.Read(path);
                Assert.Equal(0, file.Bad);
                Assert.False(file.World.IsWhole);
                Run(file.World, s_shipped);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    // What an NVMe function or controller gets later, and the shipped rules do not wait for on purpose: interrupts and memory pools are nobody's business,
    // and a controller without a namespace is complete. Namespaces are devices of their own.
    private static bool IsNotWaitedFor(string missing) => s_notWaitedFor.Any(glob => Glob.Parse(glob, GlobSubject.Path).Matches(missing[..missing.IndexOf(' ', StringComparison.Ordinal)]));

    private static readonly string[] s_notWaitedFor = ["msi_irqs", "msi_irqs/*", "pools", "hwmon*", "ng*n*", "nvme*n*"];

    private static RecordingFile Read(string name) => RecordingFile.Read(Path.Combine(Folder, name));

    private static Replay Run(RecordedWorld world, IReadOnlyList<Rule> rules)
    {
        var replay = new Replay(world, new RuleSet(rules));
        replay.Run();
        return replay;
    }
}
