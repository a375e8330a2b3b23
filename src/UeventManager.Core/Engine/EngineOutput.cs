using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

/// <summary>The commands of one step.</summary>
internal sealed class EngineOutput
{
    private readonly List<EngineCommand> _commands = [];

    /// <summary>The commands, in their order.</summary>
    public IReadOnlyList<EngineCommand> Commands => _commands;

    /// <summary>The commands of the step before are carried out.</summary>
    public void BeginStep() => _commands.Clear();

    /// <summary>Wants something done.</summary>
    public void Emit(in EngineCommand command) => _commands.Add(command);

    /// <summary>A device's directory is not needed any more, or leads to the wrong place.</summary>
    public void Forget(Device device) => Emit(new EngineCommand(CommandKind.Forget, device));

    /// <summary>An administrator wants to read of it.</summary>
    public void Report(Incident incident, Device device, IReadOnlyList<string>? missing = null) =>
        Emit(new EngineCommand(CommandKind.Report, device, Incident: incident, Missing: missing, Rule: (device.Pending?.Rule ?? device.Pending?.LookingAt)?.Rule, Path: device.Node.Path));
}
