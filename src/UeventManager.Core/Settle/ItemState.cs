using UeventManager.Core.Rules;

namespace UeventManager.Core.Settle;

/// <summary>The state of one item of a rule's <c>wait</c> for one waiting event.</summary>
public struct ItemState
{
    /// <summary>Whether it held at the last look.</summary>
    public bool Held { get; set; }

    /// <summary>The value read at the last look, if there is one to show.</summary>
    public string? Seen { get; set; }

    /// <summary>The time since which it has held without a break, in CLOCK_MONOTONIC microseconds; 0 if it does not hold.</summary>
    public long HeldSinceUsec { get; set; }

    /// <summary>The number of looks at it.</summary>
    public int Looks { get; set; }

    /// <summary>Takes the result of one look.</summary>
    public void Update(bool held, string? seen, long nowUsec)
    {
        if (held && !Held)
            HeldSinceUsec = nowUsec;
        else if (!held)
            HeldSinceUsec = 0;
        Held = held;
        Seen = seen;
        Looks++;
    }

    /// <summary>Whether a text of a <c>missing</c> list belongs to an item.</summary>
    public static bool Describes(string text, WaitItem item)
    {
        var name = item.Condition.Text;
        return text.StartsWith(name, StringComparison.Ordinal)
            && (text.Length == name.Length || text.AsSpan(name.Length).StartsWith(" ("));
    }

    /// <summary>The item's text in a <c>missing</c> list.</summary>
    public readonly string Describe(WaitItem item) => Seen is null ? item.Condition.Text : $"{item.Condition.Text} ({Seen})";
}
