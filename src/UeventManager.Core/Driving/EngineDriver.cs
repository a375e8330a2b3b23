using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Driving;

/// <summary>
/// Carries out the engine's commands until there are no more: the one loop of the daemon, of <c>rules test</c>, and of the simulator. The engine
/// decides a whole step before its first command is carried out, and looks are answered in the order in which they were asked for. Devices and looks
/// may therefore have changed when a command is carried out, which is why each command carries its own values.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="edge">Carries out single commands.</param>
public sealed class EngineDriver(UeventEngine engine, IEngineEdge edge)
{
    private readonly Queue<EngineCommand> _probes = new();

    /// <summary>The engine.</summary>
    public UeventEngine Engine => engine;

    /// <summary>Carries out the commands of the last step and of the steps that follow from them.</summary>
    public void CarryOut()
    {
        Execute();
        while (_probes.TryDequeue(out var probe))
        {
            // A look that was abandoned meanwhile has another id, or none.
            if (probe.Look!.Id != probe.Number)
                continue;
            if (!edge.Answer(probe))
            {
                engine.Tap?.HandedOn(probe.Look, probe.Number);
                continue;
            }
            engine.Answered(probe.Look, probe.Number, edge.NowUsec);
            Execute();
        }
    }

    /// <summary>Gives back a look whose values a worker has read.</summary>
    public void TakeAnswer(Look look, long id)
    {
        engine.Answered(look, id, edge.NowUsec);
        CarryOut();
    }

    private void Execute()
    {
        var commands = engine.Commands;
        engine.Tap?.Gave(commands);
        for (var i = 0; i < commands.Count; i++)
        {
            var command = commands[i];
            if (command.Kind == CommandKind.Probe)
                _probes.Enqueue(command);
            edge.Execute(command);
        }
        edge.Executed(commands);
    }
}
