using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>Answers to a <see cref="ReadJob"/>.</summary>
/// <param name="Job">The job.</param>
/// <param name="Answers">One answer for each of the job's queries, in order.</param>
internal readonly record struct ReadResult(ReadJob Job, Answer[] Answers)
{
    /// <summary>The beginning of the last read, in CLOCK_MONOTONIC microseconds.</summary>
    public long BeganUsec { get; init; }

    /// <summary>The end of the last read, in CLOCK_MONOTONIC microseconds.</summary>
    public long EndedUsec { get; init; }

    /// <summary>The look's id.</summary>
    public long LookId => Job.LookId;
}
