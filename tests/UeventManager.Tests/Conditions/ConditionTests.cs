using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Conditions;

/// <summary>
/// Each condition on a real directory: true at once, false for ever, late, and optional. One that holds too early gives
/// a subscriber half a device; one that never holds gives it none.
/// </summary>
public sealed class ConditionTests
{
    private const string A = RealLooks.DevPath;

    public static TheoryData<ConditionCase> Cases =>
    [
        Case("exists: type", "exists: type", t => t.Write(A + "/type", "")),
        Case("exists: queues/rx-0", "exists: queues/rx-0", t => t.Write(A + "/queues/rx-0/rps", "")),
        Case("exists: iommu_group", "exists: iommu_group", t => t.Link(A + "/iommu_group", "../../kernel/7"), t => t.Write("/kernel/7/type", "")),
        Case("absent: setup", "absent: setup", t => t.Write(A + "/setup", ""), t => File.Delete(t.Inside(A + "/setup"))),
        Case("link: driver", "link: driver", t => t.Link(A + "/driver", "../../bus/pci/drivers/igb")),
        Case("link: driver", "link: driver", t => t.Write(A + "/driver", "a file is not a link"),
            t => { File.Delete(t.Inside(A + "/driver")); t.Link(A + "/driver", "../../nowhere"); }),
        Case("link: driver, target: vfio-*", "link: driver target vfio-* (igb)", t => t.Link(A + "/driver", "../../bus/pci/drivers/igb"),
            t => { File.Delete(t.Inside(A + "/driver")); t.Link(A + "/driver", "../../bus/pci/drivers/vfio-pci"); }),
        Case("attribute: state, equals: up", "attribute: state equals \"up\" (\"down\")", t => t.Write(A + "/state", "down\n"), t => t.Write(A + "/state", "up\n")),
        Case("attribute: state, equals: up", "attribute: state equals \"up\"", t => t.Write(A + "/state", "up")),
        Case("attribute: state, in: [up, unknown]", "attribute: state in [\"up\", \"unknown\"] (\"down\")", t => t.Write(A + "/state", "down"), t => t.Write(A + "/state", "unknown")),
        Case("attribute: model, matches: \"QEMU*\"", "attribute: model matches \"QEMU*\" (\"\")", t => t.Write(A + "/model", ""), t => t.Write(A + "/model", "QEMU NVMe\n")),
        Case("attribute: serial, notEmpty: true", "attribute: serial notEmpty (\"\")", t => t.Write(A + "/serial", " \n"), t => t.Write(A + "/serial", "1\n")),
        Case("attribute: size, atLeast: 1", "attribute: size atLeast 1 (\"0\")", t => t.Write(A + "/size", "0\n"), t => t.Write(A + "/size", "0x10\n")),
        Case("attribute: secret, notEmpty: true", "attribute: secret notEmpty (EISDIR)", t => t.Write(A + "/secret/x", ""),
            t => { Directory.Delete(t.Inside(A + "/secret"), true); t.Write(A + "/secret", "1"); }),
        Case("attribute: model, equals: QEMU NVMe Ctrl", "attribute: model equals \"QEMU NVMe Ctrl\" (\"QEMU\")", t => t.Write(A + "/model", "QEMU" + new string(' ', 36)),
            t => t.Write(A + "/model", "QEMU NVMe Ctrl" + new string(' ', 26) + "\n")),
        Case("attribute: of_node/status, equals: okay", "attribute: of_node/status equals \"okay\" (\"disabled\")", t => t.Write(A + "/of_node/status", "disabled\0"),
            t => t.Write(A + "/of_node/status", "okay\0")),
        Case("attribute: model, in: [\"a  \", b]", "attribute: model in [\"a  \", \"b\"] (\"c\")", t => t.Write(A + "/model", "c\n\n"), t => t.Write(A + "/model", "a\t \0\n")),
        Case("attribute: serial, notEmpty: true", "attribute: serial notEmpty (\"\")", t => t.Write(A + "/serial", "\0\0\0"), t => t.Write(A + "/serial", "\0\01")),
        Case("attribute: modalias, matches: \"of:*Cvendor,a*\"", "attribute: modalias matches \"of:*Cvendor,a*\" (\"of:x\")", t => t.Write(A + "/modalias", "of:x\n"),
            t => t.Write(A + "/modalias", "of:Nbus/a@1Tb/cCvendor,abc/x\n")),
        Case("property: FW, matches: \"/fw/*.bin\"", "property: FW matches \"/fw/*.bin\"", _ => { }, t => File.AppendAllText(t.Inside(A + "/uevent"), "FW=/fw/a/b.bin  \n")),
        Case("property: FW, equals: a", "property: FW equals \"a\"", _ => { }, t => File.AppendAllText(t.Inside(A + "/uevent"), "FW=a \t\n")),
        Case("not: {attribute: secret, equals: x}", "not: {attribute: secret equals \"x\"} (EISDIR)", t => t.Write(A + "/secret/x", ""),
            t => { Directory.Delete(t.Inside(A + "/secret"), true); t.Write(A + "/secret", "1"); }),
        Case("not: {not: {attribute: secret, notEmpty: true}}", "not: {not: {attribute: secret notEmpty}} (EISDIR)", t => t.Write(A + "/secret/x", ""),
            t => { Directory.Delete(t.Inside(A + "/secret"), true); t.Write(A + "/secret", "1"); }),
        Case("not: {any: [{exists: a}, {attribute: secret, equals: x}]}", "not: {any: [exists: a, attribute: secret equals \"x\"]} (attribute: secret equals \"x\": EISDIR)",
            t => t.Write(A + "/secret/x", ""), t => { Directory.Delete(t.Inside(A + "/secret"), true); t.Write(A + "/secret", "1"); }),
        Case("not: {all: [{exists: a}, {attribute: secret, equals: x}]}", "not: {all: [exists: a, attribute: secret equals \"x\"]} (attribute: secret equals \"x\": EISDIR)",
            t => { t.Write(A + "/a", ""); t.Write(A + "/secret/x", ""); }, t => File.Delete(t.Inside(A + "/a"))),
        Case("not: {count: \"virtfn*\", equals: {attribute: secret}}", "not: {count: virtfn* equals {attribute: secret}} (0, secret EISDIR)",
            t => t.Write(A + "/secret/x", ""), t => { Directory.Delete(t.Inside(A + "/secret"), true); t.Write(A + "/secret", "1"); }),
        Case("any: [{attribute: secret, equals: x}, {exists: a}]", "any: [attribute: secret equals \"x\", exists: a] (attribute: secret equals \"x\": EISDIR)",
            t => t.Write(A + "/secret/x", ""), t => t.Write(A + "/a", "")),
        Case("not: {attribute: late, equals: x}", "not: {attribute: late equals \"x\"} (\"x\")", t => t.Write(A + "/late", "x"), t => File.Delete(t.Inside(A + "/late"))),
        Case("count: \"virtfn*\", equals: 2", "count: virtfn* equals 2 (1)", t => t.Link(A + "/virtfn0", "../v0"), t => t.Link(A + "/virtfn1", "../v1")),
        Case("count: \"queues/rx-*\", atLeast: 1", "count: queues/rx-* atLeast 1 (0)", t => t.Write(A + "/queues/rx-0/rps", "")),
        Case("count: \"virtfn*\", equals: {attribute: numvfs}", "count: virtfn* equals {attribute: numvfs} (0, numvfs \"1\")",
            t => t.Write(A + "/numvfs", "1\n"), t => t.Link(A + "/virtfn0", "../v0")),
        Case("count: \"virtfn*\", equals: {attribute: numvfs}", "count: virtfn* equals {attribute: numvfs} (0, numvfs absent)", t => t.Write(A + "/numvfs", "0\n")),
        Case("count: \"virtfn*\", atLeast: {attribute: numvfs}", "count: virtfn* atLeast {attribute: numvfs} (0, numvfs \"many\")",
            t => t.Write(A + "/numvfs", "many"), t => t.Write(A + "/numvfs", "0")),
        Case("property: PHASE, equals: two", "property: PHASE equals \"two\" (\"one\")", _ => { },
            t => File.AppendAllText(t.Inside(A + "/uevent"), "PHASE=two\n")),
        Case("property: DRIVER, notEmpty: true", "property: DRIVER notEmpty", _ => { }, t => File.AppendAllText(t.Inside(A + "/uevent"), "DRIVER=igb\n")),
        Case("udev: true", "udev: true", Udevd, t => File.WriteAllText(t.Outside("udev/c1:3"), "E:A=1\n")),
        Case("udev: true", "udev: true", Udevd, t => File.Delete(t.Outside("control"))),
        Case("any: [{exists: a}, {exists: b}]", "any: [exists: a, exists: b]", t => t.Write(A + "/b", "")),
        Case("all: [{exists: a}, {exists: b}]", "all: [exists: a, exists: b] (not: exists: b)", t => t.Write(A + "/a", ""), t => t.Write(A + "/b", "")),
        Case("not: {exists: a}", "not: {exists: a}", t => t.Write(A + "/a", ""), t => File.Delete(t.Inside(A + "/a"))),
        Case("not: {attribute: state, equals: down}", "not: {attribute: state equals \"down\"} (\"down\")", t => t.Write(A + "/state", "down"), t => t.Write(A + "/state", "up")),
        Case("any: [{all: [{exists: a}, {not: {exists: b}}]}, {exists: c}]", "any: [all: [exists: a, not: {exists: b}], exists: c]",
            t => { t.Write(A + "/a", ""); t.Write(A + "/b", ""); }, t => File.Delete(t.Inside(A + "/b"))),
    ];

    private static void Udevd(ScratchTree tree)
    {
        Directory.CreateDirectory(tree.Outside("udev"));
        File.WriteAllText(tree.Outside("control"), "");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_condition_that_holds_on_arrival_delays_nothing(ConditionCase condition)
    {
        using var world = new RealLooks($"{{{condition.Wait}}}");
        condition.Arrange(world.Tree);
        condition.MakeTrue(world.Tree);
        world.Add("PHASE=one", "MAJOR=1", "MINOR=3");
        var seen = Assert.Single(world.Seen);
        Assert.True(seen.Findings.Settled);
        Assert.Null(seen.Findings.Missing);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_false_condition_holds_the_device_and_is_reported(ConditionCase condition)
    {
        using var world = new RealLooks($"{{{condition.Wait}}}");
        condition.Arrange(world.Tree);
        world.Add("PHASE=one", "MAJOR=1", "MINOR=3");
        world.Run(20_000_000);
        Assert.Empty(world.Seen);
        Assert.Equal([condition.Missing], world.Missing);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_noticeably_late_look_is_counted(ConditionCase condition)
    {
        using var world = new RealLooks($"{{{condition.Wait}}}");
        condition.Arrange(world.Tree);
        world.Add("PHASE=one", "MAJOR=1", "MINOR=3");
        world.Run(1_000_000);
        Assert.Empty(world.Seen);
        condition.MakeTrue(world.Tree);
        world.Run(100_000);
        Assert.True(Assert.Single(world.Seen).Findings.Settled);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_optional_condition_is_waited_for_only_for_its_own_time(ConditionCase condition)
    {
        using var world = new RealLooks($"{{{condition.Wait}, optional: 1s}}");
        condition.Arrange(world.Tree);
        world.Add("PHASE=one", "MAJOR=1", "MINOR=3");
        world.Run(900_000);
        Assert.Empty(world.Seen);
        world.Run(110_000);
        var seen = Assert.Single(world.Seen);
        Assert.True(seen.Findings.Settled);
        Assert.Equal([condition.Missing], seen.Findings.Missing!);
        condition.MakeTrue(world.Tree);
        world.Run(2_000_000);
        Assert.Equal(["add a", "change a synthetic"], world.Seen.Select(e => e.ToString()));
    }

    [Fact]
    public void An_attribute_that_may_not_be_read_is_missing_with_its_errno()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read everything");
        using var world = new RealLooks("{attribute: secret, notEmpty: true}");
        world.Tree.Write(A + "/secret", "1");
        world.Tree.Forbid(A + "/secret");
        world.Add();
        Assert.Equal(["attribute: secret notEmpty (EACCES)"], world.Missing);
    }

    [Fact]
    public void A_property_that_only_the_datagram_has_counts_too()
    {
        using var world = new RealLooks("{property: PHASE, equals: one}");
        world.Add("PHASE=one", "MAJOR=1", "MINOR=3");
        Assert.Single(world.Seen);
    }

    [Fact]
    public void A_property_of_the_file_wins_over_the_datagrams()
    {
        using var world = new RealLooks("{property: MINOR, equals: \"4\"}");
        world.Add("MINOR=4");
        world.Run(1_000_000);
        Assert.Empty(world.Seen);
    }

    [Fact]
    public void Without_udev_a_udev_condition_holds_nothing()
    {
        using var world = new RealLooks("{udev: true}");
        world.Add();
        Assert.Single(world.Seen);
    }

    [Fact]
    public void A_device_node_counts_with_the_right_numbers_only()
    {
        using var world = new RealLooks("{deviceNode: true}");
        world.Add("DEVNAME=null", "MAJOR=1", "MINOR=3");
        world.Run(1_000_000);
        Assert.Equal(["deviceNode: true"], world.Missing);
        Directory.CreateSymbolicLink(world.DevRoot, "/dev");
        world.Run(100_000);
        Assert.Single(world.Seen);
        using var other = new RealLooks("{deviceNode: true}");
        Directory.CreateSymbolicLink(other.DevRoot, "/dev");
        other.Add("DEVNAME=null", "MAJOR=1", "MINOR=5");
        other.Run(1_000_000);
        Assert.Equal(["deviceNode: true"], other.Missing);
    }

    [Fact]
    public void Stable_holds_once_names_and_values_are_unchanged_for_so_long()
    {
        using var world = new RealLooks("{stable: {for: 50ms, paths: [\"dev-*\"]}}");
        world.Tree.Write(A + "/dev-0", "x");
        world.Add();
        Assert.Empty(world.Seen);
        world.Run(40_000);
        world.Tree.Write(A + "/dev-0", "y");
        world.Run(40_000);
        Assert.Empty(world.Seen);
        world.Tree.Write(A + "/dev-1", "x");
        world.Run(50_000);
        Assert.Empty(world.Seen);
        world.Run(20_000);
        Assert.Single(world.Seen);
    }

    [Fact]
    public void Stable_of_nothing_is_stable_too()
    {
        using var world = new RealLooks("{stable: {for: 50ms, paths: [\"dev-*\"]}}");
        world.Add();
        world.Run(49_000);
        Assert.Empty(world.Seen);
        world.Run(10_000);
        Assert.Single(world.Seen);
    }

    private static ConditionCase Case(string wait, string missing, Action<ScratchTree> make) => new(wait, missing, _ => { }, make);

    private static ConditionCase Case(string wait, string missing, Action<ScratchTree> before, Action<ScratchTree> make) =>
        new(wait, missing, before, make);
}
