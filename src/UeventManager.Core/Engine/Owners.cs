using UeventManager.Core.Conflicts;
using UeventManager.Core.Drains;
using UeventManager.Core.Groups;
using UeventManager.Core.History;
using UeventManager.Core.Looks;
using UeventManager.Core.Moves;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Settle;
using UeventManager.Core.Udev;

namespace UeventManager.Core.Engine;

/// <summary>
/// The owners of the engine's state. The engine calls owners; an owner never calls back, and uses only owners that are built before it.
/// </summary>
internal sealed class Owners
{
    public Owners(DeviceTree? tree = null, EngineCounters? counters = null, LookBudget? before = null)
    {
        (Tree, Counters, Budget) = (tree ?? new DeviceTree(), counters ?? new EngineCounters(), before is null ? new LookBudget() : new LookBudget(before));
        Blockers = new Blockers(Moves, Reconciliation);
        Groups = new GroupTable(Tree, Blockers);
        Udev = new UdevListener(Tree);
    }

    public DeviceTree Tree { get; }

    public EventPool Events { get; } = new();

    public LookPool Looks { get; } = new();

    public LookBudget Budget { get; }

    public DeviceHistory History { get; } = new();

    public KeyOwners Keys { get; } = new();

    public UndeliveredMoves Moves { get; } = new();

    public DrainQueue Drains { get; } = new();

    public Reconciliation Reconciliation { get; } = new();

    public Blockers Blockers { get; }

    public GroupTable Groups { get; }

    public UdevListener Udev { get; }

    public EngineCounters Counters { get; }

    public EngineOutput Output { get; } = new();
}
