using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

/// <summary>The commands of one step.</summary>
internal sealed class EngineOutput
{
    private readonly List<EngineCommand> _commands = [];

    /// <summary>The commands, in their order.</summary>
    public IReadOnlyList<EngineCommand> Commands => _commands;

    /// <summary>Clears the commands: those of the previous step have been carried out.</summary>
    public void BeginStep() => _commands.Clear();

    /// <summary>Adds a command.</summary>
    public void Emit(in EngineCommand command) => _commands.Add(command);

    /// <summary>Asks the driver to close a device's directory: it is not needed any more, or leads to the wrong place.</summary>
    public void Forget(Device device) => Emit(new EngineCommand(CommandKind.Forget, device));

    /// <summary>Reports an incident to the administrator.</summary>
    public void Report(Incident incident, Device device, IReadOnlyList<string>? missing = null) =>
        Emit(new EngineCommand(CommandKind.Report, device, Incident: incident, Missing: missing, Rule: (device.Pending?.Rule ?? device.Pending?.LookingAt)?.Rule, Path: device.Node.Path));
}
