using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads <c>attach</c>.</summary>
internal static class AttachReader
{
    /// <summary>Reads the attachments; errors are reported and left out.</summary>
    public static Attachments Read(RuleNode node, ProblemList problems)
    {
        if (MappingReader.Of("'attach'", node, RuleSchema.AttachKeys, problems) is not { } attach)
            return Attachments.None;
        if (attach.Node.Entries.Count == 0)
            problems.Add(node, $"'attach' is empty (its keys: {string.Join(", ", RuleSchema.Names(RuleSchema.AttachKeys))})");
        return new Attachments(
            List(attach, "attributes", problems, PathValues.Path),
            List(attach, "links", problems, PathValues.Path),
            List(attach, "udev", problems, (key, item, list) => Values.Pattern(key, item, list, Impossible.InText)));
    }

    private static IReadOnlyList<T> List<T>(
        MappingReader attach, string key, ProblemList problems, ListValues.ItemReader<T> read) where T : class =>
        attach[key] is { } entry ? ListValues.List(key, entry.Value, problems, read) : [];
}
