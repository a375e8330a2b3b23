using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G2 and G3: what a subscriber sees of a device is a legal life: one add, then the rest, then one remove.</summary>
internal sealed class LifeChecker(CheckedWorld world) : Checker(world)
{
    private readonly HashSet<ulong> _takenAlong = [];
    private int _overruns;

    public override void Delivered(SeenEvent seen)
    {
        var subscriber = World.Subscriber;
        switch (seen.Action)
        {
            case "add":
                Require(!subscriber.Knows(seen.Path), $"a second add of {seen.Path}");
                AnnouncedOnce(seen);
                break;
            case "remove":
                if (seen.Synthetic && World.InstanceOf(seen) is { } taken)
                    _takenAlong.Add(taken.Inode);
                Require(subscriber.Knows(seen.Path), $"a remove of {seen.Path}, of which nobody was told");
                if (!World.IsReconciling)
                    Require(!subscriber.Below(seen.Path).Any(), $"{seen.Path} goes before {string.Join(", ", subscriber.Below(seen.Path))}");
                break;
            case "move":
                Require(seen.OldPath is not null && subscriber.Knows(seen.OldPath), $"{seen.Path} moves from {seen.OldPath}, which nobody knows");
                Require(seen.OldPath == seen.Path || !subscriber.Knows(seen.Path), $"{seen.OldPath} moves to {seen.Path}, where another is");
                break;
            default:
                Require(subscriber.Knows(seen.Path), $"a {seen.Action} of {seen.Path}, of which nobody was told");
                break;
        }
    }

    // Where events were lost, a scan may find the same directory under another name: that is another device for everybody.
    private void AnnouncedOnce(SeenEvent seen)
    {
        var kernel = World.Kernel;
        if (kernel.Overruns != _overruns || World.IsReconciling)
        {
            _overruns = World.IsReconciling ? -1 : kernel.Overruns;
            return;
        }
        if (World.InstanceOf(seen) is not { } instance)
            return;
        // Its move away from a parent was overtaken by the parent's remove, which took it along.
        if (seen is { Synthetic: true, Seqnum: > 0 } && _takenAlong.Remove(instance.Inode))
            return;
        // Whoever was told below an instance that nobody could see was another goes with the old one and comes with the new.
        Require(kernel.Overruns > 0 || World.SeesAgainUsec > 0 || ++instance.Announced == 1, $"instance {instance.Inode} of {seen.Path} is announced again");
    }
}
