namespace UeventManager.Core.Rules;

/// <summary>
/// What one look knows: the answers so far, the device's names and properties, and since when each fingerprint is
/// unchanged. Rules and conditions are functions of this and of nothing else.
/// </summary>
public sealed class LookFacts
{
    private Answer[] _answers = [];

    /// <summary>The device's path below the sysfs root, beginning with <c>/devices/</c>.</summary>
    public string DevPath { get; set; } = "";

    /// <summary>Last component of <see cref="DevPath"/>.</summary>
    public string SysName { get; set; } = "";

    /// <summary>The device's properties: of the uevent, the <c>uevent</c> file, or both.</summary>
    public Func<string, string?> Property { get; set; } = static _ => null;

    /// <summary>The content of the device's <c>uevent</c> file, where that is what its properties are read from; else null.</summary>
    public string? File
    {
        get;
        init
        {
            field = value;
            Property = key => UeventFile.Find(value, key);
        }
    }

    /// <summary>When the look began, CLOCK_MONOTONIC microseconds.</summary>
    public long StartedUsec { get; set; }

    /// <summary>Memory of the <c>stable</c> conditions, kept over the looks of one wait.</summary>
    public StableMemory[] Stable { get; set; } = [];

    /// <summary>What udev has said of the event that is looked for.</summary>
    public UdevFacts Udev { get; set; }

    /// <summary>True while what is below a <c>not</c> is checked: what counts as met where there is no udevd counts as not met there.</summary>
    internal bool IsNegated { get; set; }

    /// <summary>The answer in a slot.</summary>
    public ref readonly Answer this[int slot] => ref _answers[slot];

    /// <summary>Forgets all answers and makes room for a table.</summary>
    public void Reset(int slots)
    {
        Udev = default;
        if (_answers.Length < slots)
            _answers = new Answer[Math.Max(slots, 8)];
        else
            Array.Clear(_answers, 0, slots);
    }

    /// <summary>Takes an answer.</summary>
    public void Put(int slot, in Answer answer) => _answers[slot] = answer;
}

/// <summary>Since when a fingerprint has been what it is.</summary>
/// <param name="Fingerprint">The last one seen, or null.</param>
/// <param name="SinceUsec">End of the look that first saw it, CLOCK_MONOTONIC microseconds.</param>
public readonly record struct StableMemory(string? Fingerprint, long SinceUsec);
