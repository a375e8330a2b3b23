using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>A key of the rule language.</summary>
/// <param name="Name">As written.</param>
/// <param name="Takes">What its value is, for people.</param>
/// <param name="Default">The value in force if the key is left out, or null if there is none.</param>
internal sealed record SchemaKey(string Name, string Takes, string? Default = null);

/// <summary>A kind of condition: the key that makes an item of <c>wait</c> one, and the keys that go with it.</summary>
/// <param name="Name">As written.</param>
/// <param name="Takes">What its value is, for people.</param>
/// <param name="With">Further keys of the same item, <c>optional</c> aside.</param>
internal sealed record SchemaCondition(string Name, string Takes, IReadOnlyList<string> With);

/// <summary>The words and limits of the rule language. The readers take them from here, and so can a manual's test.</summary>
internal static class RuleSchema
{
    /// <summary>The one version of the language.</summary>
    public const int Version = 1;

    /// <summary>Largest file, in bytes: 1 MiB.</summary>
    public const int MaxFileBytes = 1 << 20;

    /// <summary>Deepest nesting of lists and mappings.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most rules of all files together. As every good file has a rule, no more files are read either.</summary>
    public const int MaxRules = 1_000;

    /// <summary>Most conditions of one rule's <c>wait</c>, those inside others included: all of them are asked at each look.</summary>
    public const int MaxConditions = 64;

    /// <summary>Most entries of any other list or mapping of names.</summary>
    public const int MaxItems = 256;

    /// <summary>Longest path, in bytes of UTF-8: PATH_MAX without the final NUL.</summary>
    public const int MaxPathBytes = 4_095;

    /// <summary>Shortest duration: 1 ms.</summary>
    public const long MinDurationUsec = 1_000;

    /// <summary>Longest timeout: 10 min.</summary>
    public const long MaxTimeoutUsec = 600_000_000;

    /// <summary>Keys of a file.</summary>
    public static IReadOnlyList<SchemaKey> FileKeys { get; } =
    [
        new("version", "1"), new("subsystem", "name, list of names, or \"*\""), new("rules", "list of rules"),
    ];

    /// <summary>Keys of a rule.</summary>
    public static IReadOnlyList<SchemaKey> RuleKeys { get; } =
    [
        new("name", "text, unique over all files"), new("description", "text"), new("on", "list of actions", "[add, change]"),
        new("match", "mapping"), new("wait", "list of conditions"), new("timeout", "duration", Duration.Format(Rule.DefaultTimeoutUsec)),
        new("onTimeout", "hold, deliver or drop", "hold"), new("attach", "mapping"), new("group", "mapping"),
        new("gate", "ready or block"),
    ];

    /// <summary>Keys of <c>match</c>.</summary>
    public static IReadOnlyList<SchemaKey> MatchKeys { get; } =
    [
        new("devtype", "glob"), new("devpath", "glob"), new("sysname", "glob"), new("driver", "glob"),
        new("property", "mapping of names to globs"), new("attribute", "mapping of paths to globs"),
        new("exists", "path or list of paths"), new("absent", "path or list of paths"), new("parent", "mapping"),
    ];

    /// <summary>Keys of <c>match: parent</c>: which ancestor, and the tests of <c>match</c>.</summary>
    public static IReadOnlyList<SchemaKey> ParentKeys { get; } = [new("subsystem", "glob"), .. MatchKeys.Where(key => key.Name != "parent")];

    /// <summary>Keys of <c>attach</c>.</summary>
    public static IReadOnlyList<SchemaKey> AttachKeys { get; } =
        [new("attributes", "list of paths"), new("links", "list of paths"), new("udev", "list of globs")];

    /// <summary>Keys of <c>group</c>, of which at least one is required.</summary>
    public static IReadOnlyList<SchemaKey> GroupKeys { get; } = [new("leader", "path of a link, or parent"), new("members", "glob of links or directories")];

    /// <summary>Tests of a value, one of which goes with <c>attribute</c> and <c>property</c>.</summary>
    public static IReadOnlyList<SchemaKey> ValueTests { get; } =
        [new("equals", "text"), new("in", "list of texts"), new("matches", "glob"), new("notEmpty", "true"), new("atLeast", "number")];

    /// <summary>Tests of a number, one of which goes with <c>count</c>.</summary>
    public static IReadOnlyList<SchemaKey> CountTests { get; } =
        [new("equals", "number or {attribute: path}"), new("atLeast", "number or {attribute: path}")];

    /// <summary>Keys of <c>stable</c>; both are required.</summary>
    public static IReadOnlyList<SchemaKey> StableKeys { get; } = [new("for", "duration"), new("paths", "list of globs")];

    /// <summary>Keys of <c>udev</c> where it asks for a property.</summary>
    public static IReadOnlyList<SchemaKey> UdevKeys { get; } = [new("property", "name"), .. ValueTests];

    /// <summary>Keys that any direct item of <c>wait</c> may have beside its condition.</summary>
    public static IReadOnlyList<SchemaKey> ItemKeys { get; } = [new("optional", "duration, shorter than the timeout")];

    /// <summary>The kinds of condition.</summary>
    public static IReadOnlyList<SchemaCondition> Conditions { get; } =
    [
        new("exists", "path", []), new("absent", "path", []), new("link", "path", ["target"]),
        new("attribute", "path", [.. Names(ValueTests)]), new("count", "glob", [.. Names(CountTests)]),
        new("property", "name", [.. Names(ValueTests)]), new("stable", "mapping", []), new("deviceNode", "true", []),
        new("udev", "true or mapping", []), new("any", "list of conditions", []), new("all", "list of conditions", []), new("not", "condition", []),
    ];

    /// <summary>The actions that can wait.</summary>
    public static IReadOnlyList<string> Actions { get; } = ["add", "change"];

    /// <summary>Values of <c>onTimeout</c>.</summary>
    public static IReadOnlyList<string> TimeoutPolicies { get; } = ["hold", "deliver", "drop"];

    /// <summary>Values of <c>gate</c>.</summary>
    public static IReadOnlyList<string> Gates { get; } = ["ready", "block"];

    internal static IEnumerable<string> Names(IEnumerable<SchemaKey> keys) => keys.Select(k => k.Name);
}
