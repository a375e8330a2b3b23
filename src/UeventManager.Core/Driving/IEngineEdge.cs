using UeventManager.Core.Engine;

namespace UeventManager.Core.Driving;

/// <summary>The surroundings of an engine: a daemon, a dry run, a simulator.</summary>
public interface IEngineEdge
{
    /// <summary>CLOCK_MONOTONIC in microseconds, or a simulated clock.</summary>
    long NowUsec { get; }

    /// <summary>Answers the open questions of a look.</summary>
    /// <param name="probe">The look's command.</param>
    /// <returns>True if all questions are answered; false if workers read some: <see cref="EngineDriver.TakeAnswer"/> then gives the look
    /// back.</returns>
    bool Answer(in EngineCommand probe);

    /// <summary>Carries out any other command.</summary>
    void Execute(in EngineCommand command);

    /// <summary>Called after all commands of one step; looks are answered afterwards.</summary>
    void Executed(IReadOnlyList<EngineCommand> commands);
}
