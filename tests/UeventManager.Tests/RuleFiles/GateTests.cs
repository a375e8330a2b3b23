using UeventManager.RuleFiles;
using UeventManager.Udev;

namespace UeventManager.Tests.RuleFiles;

/// <summary>A gate at which udevd's worker and the rule wait for each other would delay a device by two seconds.</summary>
public sealed class GateTests : IDisposable
{
    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("gate: shut", "unknown gate 'shut' (one of: ready, block)")]
    [InlineData("gate: blok", "unknown gate 'blok' (did you mean 'block'?)")]
    [InlineData("gate: [ready]", "'gate' must be a text, not a list")]
    [InlineData("gate: ready, on: [change]", "a gate is shut at a device's add, but this rule does not wait for adds (on: [add, change])")]
    [InlineData("gate: block, wait: [{udev: true}]", "gate: block: udevd's worker would wait for this rule, and this rule for udev (remove its udev: condition, or use gate: ready)")]
    [InlineData("gate: block, wait: [{udev: {property: ID_SERIAL, matches: \"*\"}}]", "gate: block: udevd's worker would wait for this rule, and this rule for udev (remove its udev: condition, or use gate: ready)")]
    [InlineData("gate: block, wait: [{not: {any: [{exists: a}, {all: [{udev: true}]}]}}]", "gate: block: udevd's worker would wait for this rule, and this rule for udev (remove its udev: condition, or use gate: ready)")]
    public void A_gate_that_waits_for_udev_is_refused(string rule, string expected)
    {
        var load = Load("net", $"{{name: a, {rule}}}");
        Assert.Equal([expected], load.Problems.Select(problem => problem.Message));
    }

    [Fact]
    public void A_gate_needs_its_subsystems_by_name() =>
        Assert.Equal("a gate needs named subsystems, not \"*\" (it would be shut for every device)", Load("\"*\"", "{name: a, gate: ready}").Problems.Single().Message);

    [Theory]
    [InlineData("{name: a, gate: ready}", "")]
    [InlineData("{name: a, gate: ready, match: {devtype: disk}}", "")]
    [InlineData("{name: a, gate: ready, wait: [{udev: true}]}", "")]
    [InlineData("{name: a, gate: ready, match: {devtype: disk, sysname: \"sd*\"}}", "its gate is shut by subsystem and devtype alone, so for all devices of net with devtype 'disk' that do not match it too")]
    [InlineData("{name: a, gate: block, wait: [{link: driver}]}", "gate: block together with a driver condition")]
    [InlineData("{name: a, gate: block, wait: [{link: driver, optional: 1s}]}", "")]
    [InlineData("{name: a, gate: block, attach: {udev: [\"ID_*\"]}}", "gate: block together with attach: udev")]
    // Of a group: udevd starts no child before its parent has ended.
    [InlineData("{name: a, gate: block, group: {members: \"virtfn*\"}}, {name: b, group: {leader: physfn}, wait: [{udev: true}]}", "its group waits for rule 'b'")]
    [InlineData("{name: a, gate: block, group: {members: \"net/*\"}}, {name: b, group: {leader: parent}, wait: [{udev: true}]}", "its group waits for rule 'b'")]
    [InlineData("{name: a, gate: block, group: {members: \"block/*\"}}, {name: b, group: {leader: parent}, wait: [{udev: true}]}", "")]
    [InlineData("{name: a, gate: block, group: {members: \"virtfn*\"}}, {name: b, group: {leader: physfn}}", "")]
    public void Problems_of_several_rules_are_reported(string rules, string expected)
    {
        var load = Load("net", rules);
        var found = load.Problems.Concat(RuleLoader.Warnings(load.Rules)).Where(problem => problem.Message.Contains("gate", StringComparison.Ordinal)).ToList();
        if (expected.Length == 0)
        {
            Assert.Empty(found);
            return;
        }
        var one = Assert.Single(found);
        Assert.Contains(expected, one.Message, StringComparison.Ordinal);
        // What would only be slow is allowed; what waits for itself is not.
        Assert.Equal(!expected.StartsWith("its group", StringComparison.Ordinal), one.IsWarning);
        Assert.Equal(one.IsWarning ? [] : [one], load.Problems);
        Assert.Equal(one.IsWarning, load.Rules.Count > 0);
    }

    [Fact]
    public void When_two_files_block_each_other_the_one_with_the_gate_is_left_out()
    {
        var directory = _scratch.Folder("rules");
        File.WriteAllText(Path.Combine(directory, "1.yaml"), "version: 1\nsubsystem: pci\nrules: [{name: pf, gate: block, group: {members: \"virtfn*\"}}, {name: other}]\n");
        File.WriteAllText(Path.Combine(directory, "2.yaml"), "version: 1\nsubsystem: net\nrules: [{name: vf, group: {leader: physfn}, wait: [{udev: {property: ID_PATH, matches: \"*\"}}]}]\n");
        var load = RuleLoader.Load([directory]);
        Assert.Equal(["vf"], load.Rules.Select(rule => rule.Name));
        Assert.Equal(["1.yaml"], load.LeftOut.Select(Path.GetFileName));
        Assert.Equal(["2.yaml"], load.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void Udevs_rules_select_what_is_gated_and_nothing_else()
    {
        var load = Load("[net, mdev]", "{name: a, gate: ready, match: {devtype: \"!vl**\"}}, {name: b, gate: block, match: {devtype: \"a\\\"b\"}}, {name: c}");
        var text = GateRules.Of(load.Rules, "/run/gate", "/usr/bin/ueventctl");
        Assert.Equal(
            [
                "SUBSYSTEM==\"net\", ENV{DEVTYPE}==\"a?b\", GOTO=\"uevent_manager_block\"",
                "SUBSYSTEM==\"mdev\", ENV{DEVTYPE}==\"a?b\", GOTO=\"uevent_manager_block\"",
                "SUBSYSTEM==\"net\", ENV{DEVTYPE}!=\"vl*\", GOTO=\"uevent_manager_ready\"",
                "SUBSYSTEM==\"mdev\", ENV{DEVTYPE}!=\"vl*\", GOTO=\"uevent_manager_ready\"",
                "GOTO=\"uevent_manager_end\"",
            ],
            text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Take(5));
        Assert.Contains("PROGRAM==\"/usr/bin/ueventctl gate /run/gate.socket\"", text, StringComparison.Ordinal);
        Assert.Equal(["# No rule has a gate."], GateRules.Of(Load("net", "{name: c}").Rules, "/run/gate", "p").Split('\n').Skip(1).Where(line => line.Length > 0));
    }

    [Theory]
    [InlineData("/run/gate", "/usr/bin/ueventctl", "TEST==\"/run/gate\"", "PROGRAM==\"/usr/bin/ueventctl gate /run/gate.socket\"")]
    [InlineData("/run/my gate", "/opt/my tools/ueventctl", "TEST==\"/run/my gate\"", "PROGRAM==\"'/opt/my tools/ueventctl' gate '/run/my gate.socket'\"")]
    [InlineData("/run/a%k", "/opt/$a/u", "TEST==\"/run/a%%k\"", "PROGRAM==\"/opt/$$a/u gate /run/a%%k.socket\"")]
    public void Paths_stand_in_udevs_rules_as_udev_reads_them(string gate, string program, string test, string run)
    {
        var text = GateRules.Of(Load("net", "{name: a, gate: block}").Rules, gate, program);
        Assert.Contains(test, text, StringComparison.Ordinal);
        Assert.Contains(run, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_blocking_gate_nothing_blocks()
    {
        // udevadm verify has a word about a label that nobody goes to.
        var text = GateRules.Of(Load("net", "{name: a, gate: ready}").Rules, "/run/gate", "/usr/bin/ueventctl");
        Assert.DoesNotContain("block", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("PROGRAM", text, StringComparison.Ordinal);
        Assert.Contains("ENV{UEVENT_SETTLED}=\"0\"\nTEST!=\"/run/gate\"", text, StringComparison.Ordinal);
    }

    private RuleLoad Load(string subsystem, string rules)
    {
        var directory = _scratch.Folder("rules");
        File.WriteAllText(Path.Combine(directory, "1.yaml"), $"version: 1\nsubsystem: {subsystem}\nrules: [{rules}]\n");
        var load = RuleLoader.Load([directory]);
        SchemaVerdict.Agrees(File.ReadAllText(Path.Combine(directory, "1.yaml")), load.Problems.Select(problem => problem.Message));
        return load;
    }
}
