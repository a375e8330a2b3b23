using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>Answers to a <see cref="ReadJob"/>.</summary>
/// <param name="Job">What was asked.</param>
/// <param name="Answers">One for each of the job's queries, in their order.</param>
internal readonly record struct ReadResult(ReadJob Job, Answer[] Answers)
{
    /// <summary>When the last question's read began, CLOCK_MONOTONIC microseconds.</summary>
    public long BeganUsec { get; init; }

    /// <summary>When it had ended.</summary>
    public long EndedUsec { get; init; }

    /// <summary>The look that asked.</summary>
    public long LookId => Job.LookId;
}
