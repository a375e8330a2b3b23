using UeventManager.Core.Recording;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Recording;

/// <summary>A replay shows what a rule would have done with recorded devices.</summary>
public sealed class ReplayTests
{
    private const string Tap = "/devices/virtual/net/tap";
    private const string WaitsForLink = "- name: r\n  wait: [{exists: tap5}]";

    private static RecordingScript OneLate() => new RecordingScript().Existing("/devices/virtual/net/lo", "net", "mtu")
        .Add(10, Tap, "net", ["mtu"]).Appears(10.4, Tap, "tap5 -> /devices/virtual/net/tap/macvtap/tap5");

    [Fact]
    public void ADeviceIsAnnouncedAtTheFirstLookThatFindsItComplete()
    {
        var device = Assert.Single(Run(OneLate().End(100), WaitsForLink).Devices);
        Assert.Equal((ReplayOutcome.Complete, "r"), (device.Outcome, device.Rule));
        Assert.Equal(RecordingScript.At(10.4), device.CompleteUsec);
        Assert.InRange(device.AnnouncedUsec!.Value, RecordingScript.At(10.4), RecordingScript.At(10.7));
    }

    [Fact]
    public void ANameAfterTheAnnouncementMakesTheDeviceIncomplete()
    {
        var device = Assert.Single(Run(OneLate().End(100), "- name: r\n  wait: [{exists: mtu}]").Devices);
        Assert.Equal(ReplayOutcome.Incomplete, device.Outcome);
        Assert.Equal("tap5 (0.4 ms later)", Assert.Single(device.Missing));
    }

    [Fact]
    public void AnnouncedAtTheTimeoutItIsIncomplete()
    {
        var device = Assert.Single(Run(OneLate().End(100), "- name: r\n  wait: [{exists: never}]\n  timeout: 20ms\n  onTimeout: deliver").Devices);
        Assert.Equal((ReplayOutcome.Incomplete, "exists: never"), (device.Outcome, Assert.Single(device.Missing)));
    }

    [Theory]
    [InlineData("hold", ReplayOutcome.Held)]
    [InlineData("drop", ReplayOutcome.Dropped)]
    public void ADeviceThatNeverCompletesIsHeldOrDroppedAndTestsNothing(string policy, ReplayOutcome outcome)
    {
        var replay = Run(OneLate().End(100), $"- name: r\n  wait: [{{exists: never}}]\n  timeout: 20ms\n  onTimeout: {policy}");
        Assert.Equal((outcome, false), (Assert.Single(replay.Devices).Outcome, replay.Devices[0].IsTested));
    }

    [Fact]
    public void ADeviceThatWaitsAtTheEndIsNotJudged() =>
        Assert.Equal(ReplayOutcome.Waiting, Assert.Single(Run(OneLate().End(11), "- name: r\n  wait: [{exists: never}]").Devices).Outcome);

    [Fact]
    public void ADeviceRemovedEarlierIsNotAnnounced() =>
        Assert.Equal(ReplayOutcome.Gone, Assert.Single(Run(OneLate().Uevent(20, "remove", Tap, "net").End(100), "- name: r\n  wait: [{exists: never}]").Devices).Outcome);

    [Fact]
    public void WithoutARuleADeviceIsAnnouncedAtOnceAndTestsNothing()
    {
        var device = Assert.Single(Run(OneLate().End(100), "- name: r\n  match: {devtype: wlan}\n  wait: [{exists: mtu}]").Devices);
        Assert.Equal((ReplayOutcome.NoRule, false), (device.Outcome, device.IsTested));
    }

    [Fact]
    public void ADeviceThatNoRuleOfItsSubsystemMatchesIsFoundIncomplete()
    {
        const string Rule = "- name: r\n  match: {devtype: wlan}\n  wait: [{exists: mtu}]";
        var world = OneLate().Add(20, "/devices/virtual/net/w", "net", ["mtu"], "DEVTYPE=wlan").End(100);
        var replay = Run(world, TestRules.For("net", Rule));
        Assert.Equal("tap5 (0.4 ms later)", Assert.Single(Assert.Single(replay.Unmatched).Missing));
        Assert.Empty(Run(world, Rule).Unmatched);
    }

    [Fact]
    public void ARuleThatHoldsAllOfItsDevicesIsNamed()
    {
        var world = OneLate().Add(20, "/devices/virtual/net/w", "net", ["mtu"], "DEVTYPE=wlan").End(100);
        var replay = Run(world, "- name: wrong\n  match: {devtype: wlan}\n  wait: [{exists: mtv}]\n  timeout: 20ms", WaitsForLink);
        Assert.Equal("wrong", Assert.Single(replay.UnmetRules));
        Assert.Empty(replay.Unmatched);
    }

    [Theory]
    [InlineData("{attribute: mtu, equals: \"1500\"}", "mtu")]
    [InlineData("{not: {attribute: mtu, equals: \"1\"}}", "mtu")]
    [InlineData("{exists: a/b/c/d}", "a/b/c/d")]
    [InlineData("{absent: a/b/c/d}", "a/b/c/d")]
    [InlineData("{not: {exists: a/b/c/d}}", "a/b/c/d")]
    [InlineData("{not: {link: a/b/c/d}}", "a/b/c/d")]
    [InlineData("{not: {count: \"a/b/c/*\", atLeast: 1}}", "a/b/c/*")]
    [InlineData("{udev: true}", "udev")]
    [InlineData("{not: {deviceNode: true}}", "deviceNode")]
    [InlineData("{stable: {for: 1ms, paths: [mtu]}}", "stable: mtu")]
    public void UnrecordedAnswersHoldNothingAndAreReported(string condition, string question)
    {
        var world = new RecordingScript().Add(10, Tap, "net", ["mtu", "a/", "a/b/", "a/b/c/"]).End(100);
        var replay = Run(world, $"- name: r\n  wait: [{condition}]");
        Assert.Equal(ReplayOutcome.Waiting, Assert.Single(replay.Devices).Outcome);
        var unknown = Assert.Single(replay.Unknown);
        Assert.Equal((Tap, "r"), (unknown.DevPath, unknown.Rule));
        Assert.StartsWith(question, unknown.Question, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent: a/b/c/d")]
    [InlineData("attribute: {mtu: \"!1\"}")]
    public void AMatchThatCannotBeKnownDoesNotHoldAndIsNamed(string match)
    {
        var world = new RecordingScript().Add(10, Tap, "net", ["mtu", "a/", "a/b/", "a/b/c/"]).End(100);
        var replay = Run(world, $"- name: r\n  match: {{{match}}}\n  wait: [{{exists: mtu}}]");
        Assert.Equal(ReplayOutcome.NoRule, Assert.Single(replay.Devices).Outcome);
        Assert.Single(replay.Unknown);
    }

    [Fact]
    public void ValuesThatWereReadAreKnownFromTheirReadOn()
    {
        var world = new RecordingScript { Header = new() { Depth = 3, HasValues = true, AtUsec = RecordingScript.At(0) } }
            .Add(10, Tap, "net", ["state"]).Value(12, Tap, "state", "new").Value(30, Tap, "state", "live").End(100);
        var replay = Run(world, "- name: r\n  wait: [{attribute: state, equals: live}]");
        Assert.Empty(replay.Unknown);
        Assert.InRange(Assert.Single(replay.Devices).AnnouncedUsec!.Value, RecordingScript.At(30), RecordingScript.At(33));
    }

    [Fact]
    public void PropertiesAreKnownFromDatagrams()
    {
        var world = new RecordingScript().Add(10, Tap, "net", ["mtu"], "DEVTYPE=macvtap").Uevent(20, "change", Tap, "net", "DEVTYPE=macvtap", "STATE=up").End(100);
        var replay = Run(world, "- name: r\n  match: {devtype: macvtap}\n  wait: [{property: STATE, equals: up}]");
        Assert.Empty(replay.Unknown);
        Assert.Equal(RecordingScript.At(20), Assert.Single(replay.Devices).AnnouncedUsec);
    }

    [Fact]
    public void LinksLeadToWhatStandsThere()
    {
        var world = new RecordingScript().Existing("/devices/pci/types", "mtty", "kinds/", "kinds/a/", "kinds/a/name")
            .Add(10, "/devices/pci/types/m", "mdev", []).Appears(11, "/devices/pci/types/m", "mdev_type -> /devices/pci/types/kinds/a").End(100);
        var replay = Run(world, "- name: r\n  wait: [{exists: mdev_type/name}, {link: mdev_type, target: a}, {absent: mdev_type/none}]");
        Assert.Empty(replay.Unknown);
        Assert.Equal(ReplayOutcome.Complete, Assert.Single(replay.Devices).Outcome);
    }

    [Fact]
    public void ChildrenCountFromTheirOwnUevent()
    {
        var world = new RecordingScript().Add(10, "/devices/pci/n", "pci", []).Add(17, "/devices/pci/n/nvme/nvme0", "nvme", []).Appears(17.3, "/devices/pci/n", "nvme/").Appears(17.3, "/devices/pci/n", "nvme/nvme0/").End(100);
        var replay = Run(world, "- name: r\n  match: {sysname: n}\n  wait: [{exists: nvme/nvme0}]");
        var device = replay.Devices[0];
        Assert.Equal(ReplayOutcome.Complete, device.Outcome);
        Assert.InRange(device.AnnouncedUsec!.Value, RecordingScript.At(17), RecordingScript.At(17.01));
    }

    [Fact]
    public void AGroupGoesTogether()
    {
        var world = new RecordingScript().Existing("/devices/pci/pf", "pci", "sriov_totalvfs")
            .Add(10, "/devices/pci/vf0", "pci", []).Appears(10.5, "/devices/pci/vf0", "physfn -> /devices/pci/pf")
            .Add(12, "/devices/pci/vf1", "pci", []).Appears(12.5, "/devices/pci/vf1", "physfn -> /devices/pci/pf")
            .Appears(13, "/devices/pci/pf", "virtfn0 -> /devices/pci/vf0").Appears(13, "/devices/pci/pf", "virtfn1 -> /devices/pci/vf1").Appears(13.1, "/devices/pci/pf", "done")
            .Uevent(13.2, "change", "/devices/pci/pf", "pci").End(100);
        var replay = Run(world, "- name: pf\n  match: {exists: sriov_totalvfs}\n  wait: [{exists: done}]\n  group: {members: \"virtfn*\"}", "- name: vf\n  match: {sysname: \"vf*\"}\n  group: {leader: physfn}");
        Assert.Equal(2, replay.Devices.Count);
        Assert.Single(replay.Devices.Select(device => device.AnnouncedUsec).Distinct());
        Assert.All(replay.Devices, device => Assert.Equal(ReplayOutcome.Complete, device.Outcome));
    }

    [Fact]
    public void ARenamedDeviceKeepsWhatIsBelowIt()
    {
        var world = new RecordingScript().Add(10, Tap, "net", ["mtu"]).Uevent(11, "move", "/devices/virtual/net/eth0", "net", $"DEVPATH_OLD={Tap}")
            .Appears(12, "/devices/virtual/net/eth0", "tap5").End(100);
        var device = Assert.Single(Run(world, WaitsForLink).Devices);
        Assert.Equal((ReplayOutcome.Complete, Tap), (device.Outcome, device.DevPath));
        Assert.InRange(device.AnnouncedUsec!.Value, RecordingScript.At(12), RecordingScript.At(12.5));
    }

    [Fact]
    public void LaterNamesOfAPortDoNotBelongToItsArrival()
    {
        var world = new RecordingScript().Existing("/devices/virtual/net/br0", "net", "bridge/")
            .Add(10, Tap, "net", ["mtu"]).Appears(10.3, Tap, "tap5").Appears(14, Tap, "master -> /devices/virtual/net/br0").Appears(14, Tap, "brport/").Appears(14, Tap, "brport/bridge -> /devices/virtual/net/br0").End(100);
        Assert.Equal(ReplayOutcome.Complete, Assert.Single(Run(world, WaitsForLink).Devices).Outcome);
    }

    [Fact]
    public void ANameOfFewDevicesIsNotRequiredOfTheOthers()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 6; i++)
            script.Add(10 + i, $"/devices/virtual/net/v{i}", "net", ["mtu"]);
        script.Appears(13.4, "/devices/virtual/net/v3", "odd");
        Assert.All(Run(script.End(100), "- name: r\n  wait: [{exists: mtu}]").Devices, device => Assert.Equal(ReplayOutcome.Complete, device.Outcome));
    }

    [Fact]
    public void AnEntryThatALookFoundWithItsDirectoryIsNotLater()
    {
        const string Path = "/devices/virtual/mdev/m";
        var world = new RecordingScript().Add(10, Path, "mdev", []).Appears(14, Path, "mdev_type").Appears(14, Path, "vfio-dev/")
            .Write(new NameLine(RecordingScript.At(16), RecordingScript.At(13.9), Path, RecordingScript.Name("vfio-dev/vfio2/"), Appeared: true)).End(100);
        Assert.Equal(ReplayOutcome.Complete, Assert.Single(Run(world, "- name: r\n  wait: [{exists: mdev_type}]").Devices).Outcome);
    }

    [Fact]
    public void AFlappingNameDoesNotBelongToTheArrival()
    {
        var world = new RecordingScript().Add(10, Tap, "net", ["mtu"]).Appears(11, Tap, "flap").Disappears(15, Tap, "flap").End(1000);
        Assert.Equal(ReplayOutcome.Complete, Assert.Single(Run(world, "- name: r\n  wait: [{exists: mtu}]").Devices).Outcome);
    }

    [Fact]
    public void ADeviceAtWhichNobodyLookedIsUnknown()
    {
        var world = new RecordingScript().Uevent(10, "add", Tap, "net").End(100);
        var replay = Run(world, "- name: r\n  wait: [{exists: mtu}]");
        Assert.Equal(ReplayOutcome.Waiting, Assert.Single(replay.Devices).Outcome);
        Assert.Equal("mtu", Assert.Single(replay.Unknown).Question);
    }

    private static Replay Run(RecordedWorld world, params string[] rules) => Run(world, TestRules.Of(rules));

    private static Replay Run(RecordedWorld world, Core.Rules.RuleSet rules)
    {
        var replay = new Replay(world, rules);
        replay.Run();
        return replay;
    }
}
