namespace UeventManager.Core.Rules;

/// <summary>What happens to an event whose conditions do not hold at its timeout.</summary>
public enum TimeoutPolicy : byte
{
    /// <summary>Not announced; looked at again after later uevents and every 30 s, and announced late if it settles.</summary>
    Hold,

    /// <summary>Announced with <c>settled: false</c> and the missing conditions.</summary>
    Deliver,

    /// <summary>Not announced; nothing is delivered until the next add.</summary>
    Drop,
}

/// <summary>What udevd keeps from programs until a device is complete; this needs <c>ueventctl retell</c>.</summary>
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
/// <param name="Condition">The condition.</param>
/// <param name="OptionalUsec">The time after arrival for which it is required, in microseconds; null if it is always required.</param>
public sealed record WaitItem(Condition Condition, long? OptionalUsec);

/// <summary>The values that the deciding look reads for delivery with the event.</summary>
/// <param name="Attributes">Paths of attributes.</param>
/// <param name="Links">Paths of symlinks.</param>
/// <param name="Udev">Patterns of property names from udev's database.</param>
public sealed record Attachments(IReadOnlyList<string> Attributes, IReadOnlyList<string> Links, IReadOnlyList<Glob> Udev)
{
    /// <summary>No attachments.</summary>
    public static Attachments None { get; } = new([], [], []);

    /// <summary>True if nothing is attached.</summary>
    public bool IsEmpty => Attributes.Count == 0 && Links.Count == 0 && Udev.Count == 0;
}

/// <summary>One rule of a file: its devices, their conditions, and the policy at the timeout.</summary>
public sealed record Rule
{
    /// <summary>Default of <see cref="TimeoutUsec"/>: 5 s.</summary>
    public const long DefaultTimeoutUsec = 5_000_000;

    /// <summary>Unique in all files.</summary>
    public required string Name { get; init; }

    /// <summary>A description for people.</summary>
    public string? Description { get; init; }

    /// <summary>The file, as it was given to the loader.</summary>
    public required string File { get; init; }

    /// <summary>Line of the rule's name, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The rule's subsystems; <c>*</c> means all.</summary>
    public required IReadOnlyList<string> Subsystems { get; init; }

    /// <summary>The actions that wait; other actions pass at once. Only add and change can wait.</summary>
    public WaitingActions On { get; init; } = WaitingActions.Add | WaitingActions.Change;

    /// <summary>The devices that the rule is for.</summary>
    public RuleMatch Match { get; init; } = new();

    /// <summary>The conditions, which must all hold at one look.</summary>
    public IReadOnlyList<WaitItem> Wait { get; init; } = [];

    /// <summary>The timeout, counted from the event's arrival, in microseconds.</summary>
    public long TimeoutUsec { get; init; } = DefaultTimeoutUsec;

    /// <summary>What happens at the timeout.</summary>
    public TimeoutPolicy OnTimeout { get; init; }

    /// <summary>The values to attach.</summary>
    public Attachments Attach { get; init; } = Attachments.None;

    /// <summary>What udevd keeps from programs meanwhile.</summary>
    public RuleGate Gate { get; init; }

    /// <summary>The <see cref="Leader"/> that is not a link: the parent device leads.</summary>
    public const string ParentLeads = "parent";

    /// <summary>For members of a group: path of the link to the leader, or <see cref="ParentLeads"/>, or null.</summary>
    public string? Leader { get; init; }

    /// <summary>For leaders of a group: pattern of the links to the members, or of the members' directories, or null.</summary>
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
