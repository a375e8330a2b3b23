namespace UeventManager.Core.Rules;

/// <summary>What happens to an event whose conditions do not hold when its time is over.</summary>
public enum TimeoutPolicy : byte
{
    /// <summary>Not announced; looked at again at later uevents and every 30 s, announced late if it ever settles.</summary>
    Hold,

    /// <summary>Announced with <c>settled: false</c> and what is missing.</summary>
    Deliver,

    /// <summary>Not announced; silent until the next add.</summary>
    Drop,
}

/// <summary>What udevd is to keep from programs until a device is complete; it takes <c>ueventctl retell</c>.</summary>
public enum RuleGate : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>systemd's unit of the device (SYSTEMD_READY=0) and the tag <c>settled</c>.</summary>
    Ready,

    /// <summary>The whole event, for a while: udevd's worker waits too.</summary>
    Block,
}

/// <summary>One item of a rule's <c>wait</c>.</summary>
/// <param name="Condition">What must hold.</param>
/// <param name="OptionalUsec">How long after arrival it is required; null for as long as it takes.</param>
public sealed record WaitItem(Condition Condition, long? OptionalUsec);

/// <summary>What is read at the deciding look and delivered with the event.</summary>
/// <param name="Attributes">Paths of attributes.</param>
/// <param name="Links">Paths of symlinks.</param>
/// <param name="Udev">Patterns of property names from udev's database.</param>
public sealed record Attachments(IReadOnlyList<string> Attributes, IReadOnlyList<string> Links, IReadOnlyList<Glob> Udev)
{
    /// <summary>Nothing to attach.</summary>
    public static Attachments None { get; } = new([], [], []);

    /// <summary>True if there is nothing to attach.</summary>
    public bool IsEmpty => Attributes.Count == 0 && Links.Count == 0 && Udev.Count == 0;
}

/// <summary>One rule of a file: which devices it is for, what must be there, and what happens if it is not.</summary>
public sealed record Rule
{
    /// <summary>Default of <see cref="TimeoutUsec"/>: 5 s.</summary>
    public const long DefaultTimeoutUsec = 5_000_000;

    /// <summary>Unique over all files.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The file, as it was named to the loader.</summary>
    public required string File { get; init; }

    /// <summary>Line of the rule's name, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Subsystems it is for; <c>*</c> is all of them.</summary>
    public required IReadOnlyList<string> Subsystems { get; init; }

    /// <summary>The actions that wait; other ones pass at once. Only add and change can wait.</summary>
    public WaitingActions On { get; init; } = WaitingActions.Add | WaitingActions.Change;

    /// <summary>Which devices.</summary>
    public RuleMatch Match { get; init; } = new();

    /// <summary>What must hold at one look.</summary>
    public IReadOnlyList<WaitItem> Wait { get; init; } = [];

    /// <summary>From arrival, in microseconds.</summary>
    public long TimeoutUsec { get; init; } = DefaultTimeoutUsec;

    /// <summary>What happens then.</summary>
    public TimeoutPolicy OnTimeout { get; init; }

    /// <summary>What to read.</summary>
    public Attachments Attach { get; init; } = Attachments.None;

    /// <summary>What udevd keeps back meanwhile.</summary>
    public RuleGate Gate { get; init; }

    /// <summary>The <see cref="Leader"/> that is not a link: the nearest device above.</summary>
    public const string ParentLeads = "parent";

    /// <summary>For members of a group: path of the link to the leader, or <see cref="ParentLeads"/>, or null.</summary>
    public string? Leader { get; init; }

    /// <summary>For leaders of a group: pattern of the links to its members, or of their directories, or null.</summary>
    public string? Members { get; init; }
}

/// <summary>The actions that a rule can make wait.</summary>
[Flags]
public enum WaitingActions : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The announcement of a device.</summary>
    Add = 1,

    /// <summary>A change of an announced device.</summary>
    Change = 2,
}
