namespace UeventManager.Tests.RuleFiles;

/// <summary>An error in a rule is reported with its position and the correct form.</summary>
public sealed class RuleMistakeTests
{
    public static TheoryData<string, string> Files { get; } = new()
    {
        { "# nothing\n", "1:1: the file is empty (a rule file has 'version', 'subsystem' and 'rules')" },
        { "- a\n", "1:1: a rule file must be a mapping, not a list (its keys: version, subsystem, rules)" },
        { "hello\n", "1:1: a rule file must be a mapping, not a text (its keys: version, subsystem, rules)" },
        { "subsystem: net\nrules: [{name: a}]\n", "1:1: 'version' is missing (add 'version: 1')" },
        { "version: 2\nsubsystem: net\nrules: [{name: a}]\n", "1:10: version must be 1, not 2" },
        { "version: \"1\"\nsubsystem: net\nrules: [{name: a}]\n", "1:10: version must be 1, not \"1\"" },
        { "version:\nsubsystem: net\nrules: [{name: a}]\n", "1:9: 'version' has no value" },
        { "version: 1\nrules: [{name: a}]\n", "1:1: 'subsystem' is missing (a name, a list of names, or \"*\")" },
        { "version: 1\nsubsystem: []\nrules: [{name: a}]\n", "2:12: 'subsystem' is an empty list" },
        { "version: 1\nsubsystem: [net, net]\nrules: [{name: a}]\n", "2:18: 'net' is in 'subsystem' twice" },
        { "version: 1\nsubsystem: [net, \"*\"]\nrules: [{name: a}]\n", "2:12: \"*\" means every subsystem, so the other names have no effect" },
        { "version: 1\nsubsystem: net*\nrules: [{name: a}]\n", "2:12: subsystem 'net*' is not a name (patterns are not allowed here; \"*\" means every subsystem)" },
        { "version: 1\nsubsystem: \"\"\nrules: [{name: a}]\n", "2:12: 'subsystem' is empty" },
        { "version: 1\nsubsystem: {a: b}\nrules: [{name: a}]\n", "2:12: 'subsystem' must be a text, not a mapping" },
        { "version: 1\nsubsystem: net\n", "1:1: 'rules' is missing" },
        { "version: 1\nsubsystem: net\nrules:\n", "3:7: no rules (write a rule, or [] for none)" },
        { "version: 1\nsubsystem: net\nrules: {name: a}\n", "3:8: 'rules' must be a list, not a mapping (begin each rule with '- ')" },
        { "version: 1\nsubsytem: net\nsubsystem: net\nrules: [{name: a}]\n", "2:1: unknown key 'subsytem' (did you mean 'subsystem'?)" },
        { "version: 1\nsubsystem: net\nrules: [{name: a}]\nzebra: 1\n", "4:1: unknown key 'zebra' (one of: version, subsystem, rules)" },
        { "version: 1\nsubsystem: net\ntimeout: 5s\nrules: [{name: a}]\n", "3:1: unknown key 'timeout' (it belongs in a rule)" },
        { "version: 1\nsubsystem: net\nrules: [a]\n", "3:9: a rule must be a mapping, not a text (its keys: name, description, on, match, wait, timeout, onTimeout, attach, group, gate)" },
        { "version: 1\nsubsystem: net\nrules:\n  - on: [add]\n", "4:5: a rule needs a 'name'" },
        { "version: 1\nsubsystem: net\nrules:\n  - name: \" \"\n", "4:11: 'name' is empty" },
        { "version: 1\nsubsystem: net\nrules:\n  - name: \"a\\nb\"\n", "4:11: 'a\\u000ab' has a control character" },
        { "version: 1\nsubsystem: net\nrules:\n  - name: a\n  - name: a\n", "5:11: rule name 'a' is already used at x.yaml:4" },
        { "version: 1\nversion: 1\nsubsystem: net\nrules: [{name: a}]\n", "2:1: key 'version' is given twice (first at line 1)" },
        { "version: 1\n[a]: 1\nsubsystem: net\nrules: [{name: a}]\n", "2:1: a key must be a text, not a list" },
    };

    public static TheoryData<string, string> Rules { get; } = new()
    {
        { "atach: {links: [driver]}", "5:5: unknown key 'atach' (did you mean 'attach'?)" },
        { "attach:\n  atributes: [a]", "6:7: unknown key 'atributes' (did you mean 'attributes'?)" },
        { "attach: {}", "5:13: 'attach' is empty (its keys: attributes, links, udev)" },
        { "attach: driver", "5:13: 'attach' must be a mapping, not a text (its keys: attributes, links, udev)" },
        { "attach: {links: driver}", "5:21: 'links' must be a list, not a text (write [driver])" },
        { "attach: {links: [driver, driver]}", "5:30: 'driver' is in 'links' twice" },
        { "attach: {attributes: [\"hwmon*\"]}", "5:27: attributes: path 'hwmon*': '*' is allowed only in patterns, and this is a path" },
        { "attach: {udev: [\"ID_[\"]}", "5:21: udev: pattern 'ID_[': '[' has no ']'" },
        { "name: b", "5:5: key 'name' is given twice (first at line 4)" },
        { "description: [a]", "5:18: 'description' must be a text, not a list" },
        { "on: []", "5:9: 'on' is an empty list" },
        { "on: [add, add]", "5:15: 'add' is in 'on' twice" },
        { "on: [remove]", "5:10: 'remove' events cannot wait: only add and change can (the others pass in order)" },
        { "on: [ad]", "5:10: unknown action 'ad' (did you mean 'add'?)" },
        { "on: [zebra]", "5:10: unknown action 'zebra' (one of: add, change)" },
        { "timeout: 5", "5:14: timeout: 5 has no unit (did you mean '5ms' or '5s'?)" },
        { "timeout: soon", "5:14: timeout: 'soon' is not a duration (such as 500ms, 5s or 2min)" },
        { "timeout: NaNs", "5:14: timeout: 'NaNs' is not a duration (such as 500ms, 5s or 2min)" },
        { "timeout: 999us", "5:14: timeout: 999us is shorter than 1ms" },
        { "timeout: 0s", "5:14: timeout: 0s is shorter than 1ms" },
        { "timeout: 11min", "5:14: timeout: 11min is longer than 10min" },
        { "timeout:", "5:13: 'timeout' has no value" },
        { "timeout: [5s]", "5:14: 'timeout' must be a text, not a list" },
        { "onTimeout: delivr", "5:16: unknown onTimeout 'delivr' (did you mean 'deliver'?)" },
        { "onTimeout: panic", "5:16: unknown onTimeout 'panic' (one of: hold, deliver, drop)" },
        { "ontimeout: hold", "5:5: unknown key 'ontimeout' (did you mean 'onTimeout'?)" },
        { "devtype: bridge", "5:5: unknown key 'devtype' (it belongs in 'match')" },
        { "exists: a", "5:5: unknown key 'exists' (it belongs in 'match' or in an item of 'wait')" },
        { "match: {}", "5:12: 'match' is empty (leave it out to match every device of the subsystem)" },
        { "match: bridge", "5:12: 'match' must be a mapping, not a text (its keys: devtype, devpath, sysname, driver, property, attribute, exists, absent, parent)" },
        { "match: {parent: usb}", "5:21: 'parent' must be a mapping, not a text (its keys: subsystem, devtype, devpath, sysname, driver, property, attribute, exists, absent)" },
        { "match: {parent: {}}", "5:21: 'parent' is empty (its keys: subsystem, devtype, devpath, sysname, driver, property, attribute, exists, absent)" },
        { "match: {parent: {subsytem: usb}}", "5:22: unknown key 'subsytem' (did you mean 'subsystem'?)" },
        { "match: {parent: {subsystem: a/b}}", "5:33: subsystem: pattern 'a/b': it can never match (one name has no '/')" },
        { "match: {parent: {parent: {devtype: a}}}", "5:22: unknown key 'parent' (it belongs in 'match')" },
        { "match: {name: a}", "5:13: unknown key 'name' (did you mean 'sysname'?)" },
        { "match: {devtyp: a}", "5:13: unknown key 'devtyp' (did you mean 'devtype'?)" },
        { "match: {devtype: \"\"}", "5:22: devtype: pattern '': it is empty" },
        { "match: {devtype: [a]}", "5:22: 'devtype' must be a text, not a list" },
        { "match: {devpath: virtual/**}", "5:22: devpath: pattern 'virtual/**': it can never match (a devpath begins with '/devices/')" },
        { "match: {sysname: net/lo}", "5:22: sysname: pattern 'net/lo': it can never match (one name has no '/')" },
        { "match: {driver: \"[z-a]\"}", "5:21: driver: pattern '[z-a]': the range 'z-a' is empty" },
        { "match: {property: A=b}", "5:23: 'property' must be a mapping of names to patterns, not a text" },
        { "match: {property: {}}", "5:23: 'property' is empty" },
        { "match: {property: {A=B: c}}", "5:24: property name 'A=B' contains '='" },
        { "match: {property: {\"\": c}}", "5:24: 'property' is empty" },
        { "match: {property: {A: \"[\"}}", "5:27: A: pattern '[': '[' has no ']'" },
        { "match: {attribute: {/a: \"1\"}}", "5:25: attribute: path '/a': it is absolute (it is relative to the device's directory)" },
        { "match: {exists: []}", "5:21: 'exists' is an empty list" },
        { "match: {exists: [a, ../b]}", "5:25: exists: path '../b': it contains '..' (it must not leave the device's directory)" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_mistake_in_a_file(string text, string problem) => Assert.Equal([$"x.yaml:{problem}"], RuleScratch.Check(text));

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_mistake_in_a_rule(string body, string problem) =>
        Assert.Equal([$"x.yaml:{problem}"], RuleScratch.Check(RuleScratch.WithRule(body)));

    [Fact]
    public void All_mistakes_are_found_at_once_and_in_order()
    {
        var problems = RuleScratch.Check("version: 3\nsubsystem: net\nrules:\n  - name: a\n    timeout: 5\n    wait: [{exist: a}, {exists: /b}]\n  - nam: b\n");
        Assert.Equal(
            [
                "x.yaml:1:10: version must be 1, not 3",
                "x.yaml:5:14: timeout: 5 has no unit (did you mean '5ms' or '5s'?)",
                "x.yaml:6:13: unknown key 'exist' (did you mean 'exists'?)",
                "x.yaml:6:33: exists: path '/b': it is absolute (it is relative to the device's directory)",
                "x.yaml:7:5: unknown key 'nam' (did you mean 'name'?)",
                "x.yaml:7:5: a rule needs a 'name'",
            ],
            problems);
    }

    [Fact]
    public void A_thousand_mistakes_are_cut()
    {
        var problems = RuleScratch.Check(RuleScratch.WithRule("match:\n" + string.Join('\n', Enumerable.Range(0, 1_000).Select(i => $"  key{i}: x"))));
        Assert.Equal(101, problems.Count);
        Assert.Equal("x.yaml: more mistakes follow; these are 100", problems[^1]);
    }
}
