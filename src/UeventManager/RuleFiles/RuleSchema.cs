using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>The words and limits of the rule language, for the readers, the schema for editors and the manual's test.</summary>
internal static class RuleSchema
{
    /// <summary>The only version of the language.</summary>
    public const int Version = 1;

    /// <summary>The largest file, in bytes: 1 MiB.</summary>
    public const int MaxFileBytes = 1 << 20;

    /// <summary>The deepest nesting of lists and mappings.</summary>
    public const int MaxDepth = 32;

    /// <summary>The most rules in all files. As every valid file has a rule, no more files are read either.</summary>
    public const int MaxRules = 1_000;

    /// <summary>The most conditions of one rule's <c>wait</c>, including nested ones: all of them are asked at each look.</summary>
    public const int MaxConditions = 64;

    /// <summary>The most entries of any other list or mapping of names.</summary>
    public const int MaxItems = 256;

    /// <summary>The longest path, in bytes of UTF-8: PATH_MAX without the final NUL.</summary>
    public const int MaxPathBytes = 4_095;

    /// <summary>The shortest duration: 1 ms.</summary>
    public const long MinDurationUsec = 1_000;

    /// <summary>The longest timeout: 10 min.</summary>
    public const long MaxTimeoutUsec = 600_000_000;

    /// <summary>Characters that no subsystem's name has, so that a pattern or a path was intended.</summary>
    public const string NoSubsystem = "*?[!/";

    /// <summary>The actions that can wait.</summary>
    public static IReadOnlyList<SchemaWord<WaitingActions>> Actions { get; } = [new("add", WaitingActions.Add, ""), new("change", WaitingActions.Change, "")];

    /// <summary>Values of <c>onTimeout</c>.</summary>
    public static IReadOnlyList<SchemaWord<TimeoutPolicy>> TimeoutPolicies { get; } =
    [
        new("hold", TimeoutPolicy.Hold, "does not announce the device. Its conditions are checked again at every later uevent and every 30 s, and it is announced late if it becomes complete."),
        new("deliver", TimeoutPolicy.Deliver, "announces it with settled false and lists what is missing."),
        new("drop", TimeoutPolicy.Drop, "ignores the device until its next add."),
    ];

    /// <summary>Values of <c>gate</c>.</summary>
    public static IReadOnlyList<SchemaWord<RuleGate>> Gates { get; } =
    [
        new("ready", RuleGate.Ready, "Until the device is complete, systemd's .device unit does not become active (SYSTEMD_READY=0), and the device lacks the tag settled."),
        new("block", RuleGate.Block, "As ready, and udevd's worker waits as well, for two seconds at most."),
    ];

    /// <summary>Keys of a file.</summary>
    public static IReadOnlyList<SchemaKey> FileKeys { get; } =
    [
        new("version", SchemaKind.Only(Version), "The version of the rule language.") { IsRequired = true },
        new("subsystem", SchemaKind.OneOrMore(SchemaKind.Subsystem), "The subsystem of the devices.") { IsRequired = true },
        new("rules", SchemaKind.Rules, "The first rule whose match holds is in force for a device.") { IsRequired = true },
    ];

    /// <summary>Keys of a rule.</summary>
    public static IReadOnlyList<SchemaKey> RuleKeys { get; } =
    [
        new("name", SchemaKind.Name, "Unique in all files.") { IsRequired = true },
        new("description", SchemaKind.Text, "A text for people."),
        new("on", SchemaKind.OneOrMore(SchemaKind.Word(Names(Actions))), "The actions that wait.") { Default = "[add, change]" },
        new("match", SchemaKind.Mapping(static () => MatchKeys!), "The devices to which the rule applies; every test must pass."),
        new("wait", SchemaKind.Wait, "The conditions that must all hold at one look."),
        new("timeout", SchemaKind.Duration, "How long an event waits, counted from its arrival; 1ms to 10min.") { Default = Duration.Format(Rule.DefaultTimeoutUsec) },
        new("onTimeout", SchemaKind.Word(Names(TimeoutPolicies)), Sentences(TimeoutPolicies)) { Default = "hold" },
        new("attach", SchemaKind.Mapping(static () => AttachKeys!), "Values that are read at the deciding look and delivered with the event."),
        new("group", SchemaKind.Mapping(static () => GroupKeys!), "Devices that are announced together."),
        new("gate", SchemaKind.Word(Names(Gates)), "How udevd keeps programs from the device until it is complete. " + Sentences(Gates)),
    ];

    /// <summary>Keys of <c>match</c>.</summary>
    public static IReadOnlyList<SchemaKey> MatchKeys { get; } =
    [
        new("devtype", SchemaKind.TextGlob, "The device's type."),
        new("devpath", SchemaKind.DevPathGlob, "Its path below sysfs."),
        new("sysname", SchemaKind.NameGlob, "The last component of its path."),
        new("driver", SchemaKind.NameGlob, "Its driver."),
        new("property", SchemaKind.GlobsOf(SchemaKind.Property), "Properties of the event."),
        new("attribute", SchemaKind.GlobsOf(SchemaKind.Path), "Values of attributes."),
        new("exists", SchemaKind.OneOrMore(SchemaKind.Path), "Paths that must exist."),
        new("absent", SchemaKind.OneOrMore(SchemaKind.Path), "Paths that must not exist."),
        new("parent", SchemaKind.Mapping(static () => ParentKeys!), "Tests of the nearest ancestor with this subsystem and devtype (globs, both optional)."),
    ];

    /// <summary>Keys of <c>match: parent</c>: the ancestor's subsystem, and the tests of <c>match</c>.</summary>
    public static IReadOnlyList<SchemaKey> ParentKeys { get; } =
        [new("subsystem", SchemaKind.NameGlob, "The ancestor's subsystem."), .. MatchKeys.Where(static key => key.Name != "parent")];

    /// <summary>Keys of <c>attach</c>, of which at least one is required.</summary>
    public static IReadOnlyList<SchemaKey> AttachKeys { get; } =
    [
        new("attributes", SchemaKind.ListOf("list of paths", SchemaKind.Path), "Values of attributes."),
        new("links", SchemaKind.ListOf("list of paths", SchemaKind.Path), "Targets of links."),
        new("udev", SchemaKind.ListOf("list of globs", SchemaKind.TextGlob), "Properties that udev has set."),
    ];

    /// <summary>Keys of <c>group</c>, of which at least one is required.</summary>
    public static IReadOnlyList<SchemaKey> GroupKeys { get; } =
    [
        new("leader", SchemaKind.DeviceLink, "The device belongs to the group of the device that its link leads to. With parent, it belongs to the group of the nearest device above it."),
        new("members", SchemaKind.PathGlob, "The device leads the devices that its matching links lead to, and the devices below it whose directories match."),
    ];

    /// <summary>Tests of a value, one of which belongs to <c>attribute</c> and <c>property</c>.</summary>
    public static IReadOnlyList<SchemaKey> ValueTests { get; } =
    [
        new("equals", SchemaKind.Text, "The value equals this."),
        new("in", SchemaKind.ListOf("list of texts", SchemaKind.Text), "The value is one of these."),
        new("matches", SchemaKind.ValueGlob, "The value matches."),
        new("notEmpty", SchemaKind.True, "The value is not empty."),
        new("atLeast", SchemaKind.Number, "The value is a number, at least this."),
    ];

    /// <summary>Tests of a number, one of which belongs to <c>count</c>.</summary>
    public static IReadOnlyList<SchemaKey> CountTests { get; } =
        [new("equals", SchemaKind.Count(0), "Exactly this many names match the glob."), new("atLeast", SchemaKind.Count(1), "At least this many.")];

    /// <summary>Keys of such a test that reads its number from an attribute.</summary>
    public static IReadOnlyList<SchemaKey> CountKeys { get; } = [new("attribute", SchemaKind.Path, "The attribute that contains the number.") { IsRequired = true }];

    /// <summary>Keys of <c>stable</c>.</summary>
    public static IReadOnlyList<SchemaKey> StableKeys { get; } =
    [
        new("for", SchemaKind.Duration, "For this long.") { IsRequired = true },
        new("paths", SchemaKind.ListOf("list of globs", SchemaKind.PathGlob), "The matching names and their values.") { IsRequired = true },
    ];

    /// <summary>Keys of <c>udev</c> with a property.</summary>
    public static IReadOnlyList<SchemaKey> UdevKeys { get; } = [new("property", SchemaKind.Property, "The value that udev gave this property passes the test.") { IsRequired = true }, .. ValueTests];

    /// <summary>Keys that any direct item of <c>wait</c> may have in addition to its condition.</summary>
    public static IReadOnlyList<SchemaKey> ItemKeys { get; } =
        [new("optional", SchemaKind.Duration, "The item is required for this time; afterwards it is only listed as missing.")];

    /// <summary>The kinds of condition.</summary>
    public static IReadOnlyList<SchemaCondition> Conditions { get; } =
    [
        new(new("exists", SchemaKind.Path, "A file or directory exists, or a symlink whose target exists."), []),
        new(new("absent", SchemaKind.Path, "Nothing of that name exists, or only a dangling symlink."), []),
        new(new("link", SchemaKind.Path, "The symlink exists."), [new("target", SchemaKind.NameGlob, "The last component of its target matches the glob.")]),
        new(new("attribute", SchemaKind.Path, "The attribute's value passes the test."), ValueTests, NeedsOne: true),
        new(new("count", SchemaKind.PathGlob, "Exactly this many names match the glob."), CountTests, NeedsOne: true),
        new(new("property", SchemaKind.Property, "The property's value passes the test."), ValueTests, NeedsOne: true),
        new(new("stable", SchemaKind.Mapping(static () => StableKeys), "The matching names and their values have not changed for this long."), []),
        new(new("deviceNode", SchemaKind.True, "The device's node exists and has the right device number."), []),
        new(new("udev", SchemaKind.Udev, "udev has finished with this event."), []),
        new(new("any", SchemaKind.Conditions, "At least one of them holds."), []),
        new(new("all", SchemaKind.Conditions, "All of them hold."), []),
        new(new("not", SchemaKind.Condition, "The condition does not hold."), []),
    ];

    internal static IEnumerable<string> Names(IEnumerable<SchemaKey> keys) => keys.Select(static key => key.Name);

    internal static IEnumerable<string> Names<T>(IEnumerable<SchemaWord<T>> words) => words.Select(static word => word.Name);

    private static string Sentences<T>(IEnumerable<SchemaWord<T>> words) => string.Join(' ', words.Select(static word => $"{word.Name}: {word.Description}"));
}
