using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>What an editor takes a rule file for: the values of YAML 1.2's core schema.</summary>
internal static partial class YamlJson
{
    /// <summary>The document, or null if it is none for any reader of YAML, or has what rules do without (anchors, tags).</summary>
    public static RuleNode? Node(string text) => RuleNodeReader.Read(text, new ProblemList("")) is { } node && !IsBroken(node) ? node : null;

    /// <summary>As JSON; null for what YAML reads as <c>null</c>.</summary>
    public static JsonNode? Of(RuleNode node) => node switch
    {
        ListNode list => new JsonArray([.. list.Items.Select(Of)]),
        MappingNode mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Of(entry.Value)))),
        TextNode { Plain: false } text => text.Text,
        TextNode text => Plain(text.Text),
        _ => throw new InvalidOperationException(node.Kind),
    };

    /// <summary>True if a <c>null</c> is written out: rules take it for a text, and JSON has no place for that.</summary>
    public static bool HasNull(RuleNode node) => node switch
    {
        ListNode list => list.Items.Any(HasNull),
        MappingNode mapping => mapping.Entries.Any(entry => HasNull(entry.Value)),
        TextNode { Plain: true, Text.Length: > 0 } text => Plain(text.Text) is null,
        _ => false,
    };

    private static bool IsBroken(RuleNode node) => node switch
    {
        BrokenNode => true,
        ListNode list => list.Items.Any(IsBroken),
        MappingNode mapping => mapping.Entries.Any(entry => IsBroken(entry.Key) || IsBroken(entry.Value)),
        _ => false,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ when Decimal().IsMatch(text) => JsonNode.Parse(BigInteger.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)),
        _ when Hexadecimal().IsMatch(text) => JsonNode.Parse(BigInteger.Parse("0" + text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)),
        _ when Fraction().IsMatch(text) => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
        _ => text,
    };

    [GeneratedRegex("^[-+]?[0-9]+$")]
    private static partial Regex Decimal();

    [GeneratedRegex("^0x[0-9a-fA-F]+$")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?$")]
    private static partial Regex Fraction();
}
