using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads one item of a <c>wait</c> from a client: <c>{attribute: operstate, equals: up}</c> or <c>exists: queues/tx-0</c>.</summary>
internal static class ConditionText
{
    /// <summary>The most conditions of one call.</summary>
    public const int MaxConditions = 16;

    /// <summary>The longest text of a condition, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>Reads a condition.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mistake">The error, in the same words as for a rule file.</param>
    /// <returns>The condition, or null.</returns>
    public static Condition? Read(string text, out string? mistake)
    {
        if (text.Length > MaxLength)
        {
            mistake = $"a condition is longer than {MaxLength} characters";
            return null;
        }
        var problems = new ProblemList("");
        var item = RuleNodeReader.Read(text, problems) is { } node ? new ConditionReader(RuleSchema.MaxTimeoutUsec, problems).ReadItem(node) : null;
        mistake = problems.Sorted.FirstOrDefault()?.Message
            ?? (item is null ? "no condition here" : item.OptionalUsec is not null ? "'optional' is allowed only in rules" : new ConditionSet([item.Condition]).NeedsRule ? "'stable' and 'udev' are allowed only in rules" : null);
        return mistake is null ? item!.Condition : null;
    }
}
