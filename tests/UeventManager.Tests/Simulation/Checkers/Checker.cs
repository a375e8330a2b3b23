using System.Runtime.CompilerServices;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>What all checkers may look at: the world from outside the engine.</summary>
internal sealed class CheckedWorld(EngineWorld world, ModelKernel kernel, LookBook looks)
{
    private readonly Dictionary<long, KernelInstance> _instances = [];

    public EngineWorld World => world;

    public ModelKernel Kernel => kernel;

    public LookBook Looks => looks;

    public Subscriber Subscriber { get; } = new();

    /// <summary>Devices that somebody released by hand, by the engine's number.</summary>
    public HashSet<long> ByHand { get; } = [];

    /// <summary>Which instance an event is of, as the kernel knows; null if only the engine could say.</summary>
    public KernelInstance? InstanceOf(SeenEvent seen)
    {
        // Where events were lost, what one began may have been settled by the files of the next.
        var instance = (kernel.Overruns > 0 && seen.Action == "add" ? kernel.OfInode(seen.Inode) : null) ?? kernel.OfSeqnum(seen.Seqnum) ?? kernel.OfInode(seen.Inode) ?? _instances.GetValueOrDefault(seen.DeviceId);
        if (instance is not null)
            _instances[seen.DeviceId] = instance;
        return instance;
    }

    /// <summary>How often the machine slept: nobody is in time then.</summary>
    public int Stalls { get; set; }

    /// <summary>When every look that could not be made has been tried again: until then nobody is in time.</summary>
    public long SeesAgainUsec { get; set; }

    /// <summary>True while the state is not what subscribers may rely on: between a gap and the new state.</summary>
    public bool IsReconciling => world.Engine.IsReconciling || world.IsCongested;

    /// <summary>When that was so last: what was created later was found by no scan.</summary>
    public long ReconciledUsec { get; private set; }

    /// <summary>Takes note of what is so now.</summary>
    public void Observe()
    {
        if (IsReconciling)
            ReconciledUsec = world.Now;
    }
}

/// <summary>Holds one guarantee after every step. Knows nothing of how the engine works.</summary>
internal abstract class Checker(CheckedWorld world)
{
    protected CheckedWorld World => world;

    /// <summary>How often each of its rules had something to say.</summary>
    public Dictionary<string, long> Checks { get; } = [];

    /// <summary>A datagram is about to be stepped.</summary>
    public virtual void Received(Received received)
    {
    }

    /// <summary>An event was delivered; the subscriber has not applied it yet.</summary>
    public virtual void Delivered(SeenEvent seen)
    {
    }

    /// <summary>Nothing more can happen at this time.</summary>
    public virtual void Rested()
    {
    }

    /// <summary>The world has been quiet for long.</summary>
    public virtual void Ended()
    {
    }

    protected void Require(bool holds, string otherwise, [CallerMemberName] string rule = "")
    {
        Checks[rule] = Checks.GetValueOrDefault(rule) + 1;
        if (!holds)
            throw new SimulationException($"{GetType().Name}: {otherwise}");
    }
}
