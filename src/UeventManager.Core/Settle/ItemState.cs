using UeventManager.Core.Rules;

namespace UeventManager.Core.Settle;

/// <summary>What is known of one item of a rule's <c>wait</c> for one waiting event.</summary>
public struct ItemState
{
    /// <summary>Whether it held at the last look.</summary>
    public bool Held { get; set; }

    /// <summary>What was read at the last look, if there is something to say.</summary>
    public string? Seen { get; set; }

    /// <summary>Since when it has held without a break, CLOCK_MONOTONIC microseconds; 0 if it does not.</summary>
    public long HeldSinceUsec { get; set; }

    /// <summary>How often it was looked at.</summary>
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

    /// <summary>Whether a text of a <c>missing</c> list is about an item.</summary>
    public static bool Describes(string text, WaitItem item)
    {
        var name = item.Condition.Text;
        return text.StartsWith(name, StringComparison.Ordinal)
            && (text.Length == name.Length || text.AsSpan(name.Length).StartsWith(" ("));
    }

    /// <summary>The item as it is listed in <c>missing</c>.</summary>
    public readonly string Describe(WaitItem item) => Seen is null ? item.Condition.Text : $"{item.Condition.Text} ({Seen})";
}
