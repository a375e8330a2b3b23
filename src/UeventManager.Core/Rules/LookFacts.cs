namespace UeventManager.Core.Rules;

/// <summary>
/// The facts of one look: the answers so far, the device's names and properties, and the time since which each fingerprint is unchanged. Rules and
/// conditions depend on nothing else.
/// </summary>
public sealed class LookFacts
{
    private Answer[] _answers = [];

    /// <summary>The device's path below the sysfs root, beginning with <c>/devices/</c>.</summary>
    public string DevPath { get; set; } = "";

    /// <summary>Last component of <see cref="DevPath"/>.</summary>
    public string SysName { get; set; } = "";

    /// <summary>The device's properties, from the uevent, the <c>uevent</c> file, or both.</summary>
    public Func<string, string?> Property { get; set; } = static _ => null;

    /// <summary>The device's <c>uevent</c> file if the properties are read from it, else null.</summary>
    public string? File
    {
        get;
        init
        {
            field = value;
            Property = key => UeventFile.Find(value, key);
        }
    }

    /// <summary>The beginning of the look, in CLOCK_MONOTONIC microseconds.</summary>
    public long StartedUsec { get; set; }

    /// <summary>Memory of the <c>stable</c> conditions, kept for all looks of one wait.</summary>
    public StableMemory[] Stable { get; set; } = [];

    /// <summary>udev's state for the event that is looked at.</summary>
    public UdevFacts Udev { get; set; }

    /// <summary>
    /// For a device that waits to be announced, what its earlier events said of themselves, as <c>KEY=VALUE</c>; null if nothing, and while a match is
    /// checked.
    /// </summary>
    internal IReadOnlyList<string>? Earlier { get; set; }

    /// <summary>
    /// True while a condition below a <c>not</c> is checked: without udevd, conditions on udev hold, but below a <c>not</c> they do not.
    /// </summary>
    internal bool IsNegated { get; set; }

    /// <summary>The answer in a slot.</summary>
    public ref readonly Answer this[int slot] => ref _answers[slot];

    /// <summary>Clears all answers and makes room for a table.</summary>
    public void Reset(int slots)
    {
        (Udev, Earlier) = (default, null);
        if (_answers.Length < slots)
            _answers = new Answer[Math.Max(slots, 8)];
        else
            Array.Clear(_answers, 0, slots);
    }

    /// <summary>Stores an answer.</summary>
    public void Put(int slot, in Answer answer) => _answers[slot] = answer;
}

/// <summary>The time since which a fingerprint is unchanged.</summary>
/// <param name="Fingerprint">The last fingerprint, or null.</param>
/// <param name="SinceUsec">The end of the look that first saw it, in CLOCK_MONOTONIC microseconds.</param>
public readonly record struct StableMemory(string? Fingerprint, long SinceUsec);
