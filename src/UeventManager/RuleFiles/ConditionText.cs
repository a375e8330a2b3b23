using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>One item of a <c>wait</c> as a client writes it: <c>{attribute: operstate, equals: up}</c> or <c>exists: queues/tx-0</c>.</summary>
internal static class ConditionText
{
    /// <summary>Most conditions that are asked about together.</summary>
    public const int MaxConditions = 16;

    /// <summary>Longest text of one, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>Reads one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mistake">What is wrong, by the same words as in a rule file.</param>
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
            ?? (item is null ? "no condition here" : item.OptionalUsec is not null ? "'optional' is for rules" : new ConditionSet([item.Condition]).NeedsRule ? "'stable' and 'udev' are for rules" : null);
        return mistake is null ? item!.Condition : null;
    }
}
