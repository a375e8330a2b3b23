using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>
/// Whether the schema says the same of a text as the reader: whatever the readers' tests read comes by here. It takes all that the reader takes, and refuses
/// what the reader refuses, but for the mistakes that are listed here: a message that is new needs a decision.
/// </summary>
internal static class SchemaVerdict
{
    private static readonly JsonShape Shape = new(JsonNode.Parse(RuleSchemaDocument.Text())!.AsObject());

    /// <summary>Mistakes of meaning, which the shape of a file does not show.</summary>
    private static readonly string[] OfMeaning =
    [
        // Of several places: names of other rules, the rule's timeout, the other end of a group.
        " is already used at ", " is not shorter than the timeout ", ": it matches the leader's link ", "\"\\*\" means every subsystem, so the other names have no effect",
        "^more than 64 conditions in one rule",
        "^a gate needs named subsystems", "^a gate is shut at a device's add", "^gate: block: ", "^rule '.*': gate: block, but its group waits for rule ",
        // Amounts: which durations are longer, a pattern does not say; nor a length in bytes.
        " is longer than 10min$", " is shorter than 1ms$", ": it is longer than 4095 bytes$",
        // Whether a pattern is well formed.
        ": pattern '.*: '\\[' has no '\\]'$", ": pattern '.*: the range '.*' is empty$", ": pattern '.*: '!' needs a pattern after it$",
        // Gone when YAML has become JSON: keys that are no texts or are given twice, True for true, and texts that are numbers (16 and 0x10 are two texts).
        "^a key must be a text, not ", "^key '.*' is given twice ", " must be true, not '(True|TRUE)'$", "^'.*' is in 'in' twice$",
        // How many there are is said at the end of the list.
        "^more mistakes follow",
    ];

    /// <summary>Compares.</summary>
    /// <param name="text">A rule file.</param>
    /// <param name="messages">What the reader says of it.</param>
    public static void Agrees(string text, IEnumerable<string> messages)
    {
        if (YamlJson.Node(text) is not { } node || YamlJson.HasNull(node))
            return;
        List<string> all = [.. messages];
        List<string> ofShape = [.. all.Where(static message => !IsOfMeaning(message))];
        // The reader says one thing of a value, and the schema may know another.
        if (all.Count > 0 && ofShape.Count == 0)
            return;
        Assert.True(Shape.Accepts(YamlJson.Of(node)) == (ofShape.Count == 0),
            ofShape.Count == 0 ? $"the schema refuses what is good:\n{text}" : $"the schema accepts what is wrong by its shape ({string.Join("; ", ofShape)}); if it is wrong by its meaning, list it:\n{text}");
    }

    /// <summary>Whether the schema accepts a file.</summary>
    public static bool Accepts(string text) => Shape.Accepts(YamlJson.Of(YamlJson.Node(text)!));

    /// <summary>Which of the mistakes of meaning no message is.</summary>
    public static IEnumerable<string> Unused(IReadOnlyCollection<string> messages) =>
        OfMeaning.Where(pattern => !messages.Any(message => Regex.IsMatch(message, pattern)));

    private static bool IsOfMeaning(string message) => OfMeaning.Any(pattern => Regex.IsMatch(message, pattern));
}
