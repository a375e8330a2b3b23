using UeventManager.Core.Engine;

namespace UeventManager.Core.Driving;

/// <summary>What surrounds an engine: a daemon, a dry run, a simulator.</summary>
public interface IEngineEdge
{
    /// <summary>CLOCK_MONOTONIC in microseconds, or what stands for it.</summary>
    long NowUsec { get; }

    /// <summary>Answers the open questions of a look.</summary>
    /// <param name="probe">The command that asks for it.</param>
    /// <returns>True if all are answered; false if some are read elsewhere: <see cref="EngineDriver.TakeAnswer"/> gives the look back.</returns>
    bool Answer(in EngineCommand probe);

    /// <summary>Carries out any other command.</summary>
    void Execute(in EngineCommand command);

    /// <summary>All commands of one step are carried out; those that ask for looks are answered after it.</summary>
    void Executed(IReadOnlyList<EngineCommand> commands);
}
