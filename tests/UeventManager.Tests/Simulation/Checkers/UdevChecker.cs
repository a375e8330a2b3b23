using System.Globalization;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>What an event says in udev's name, udev has said of this very device, and where it waited for that, of this event or a later one.</summary>
internal sealed class UdevChecker(CheckedWorld world, ModelUdevd udevd) : Checker(world)
{
    // The clock of the file system, and a bit.
    private const long CoarseUsec = 10_000;

    public override void Delivered(SeenEvent seen)
    {
        if (seen.Kobject || seen.Action == "remove" || World.Kernel.Overruns > 0 || World.InstanceOf(seen) is not { } instance)
            return;
        if (seen.Properties.TryGetValue("ID_INODE", out var inode))
            Of(seen, instance, inode);
        if (seen is { Action: "add" or "change", Seqnum: > 0, Findings.Settled: true } && SimRule.For(seen.Path, seen.Action == "change") is { WaitsForUdev: true } && !World.ByHand.Contains(seen.DeviceId))
            Done(seen, instance);
    }

    // Of a former device never, unless udevd wrote of that when the new one was there already, and nothing told them apart.
    private void Of(SeenEvent seen, KernelInstance instance, string inode) => Require(
        inode == $"{instance.Inode}" || (IsInexact(seen) && udevd.WrittenUsec(Said(seen)) >= instance.CreatedUsec - CoarseUsec),
        $"{seen} (#{seen.Seqnum}) of instance {instance.Inode} says what udev said of {inode}");

    private void Done(SeenEvent seen, KernelInstance instance)
    {
        var said = Said(seen);
        Require(
            said >= seen.Seqnum || udevd.FailedAt(instance.Inode) >= seen.Seqnum || (IsInexact(seen) && udevd.WrittenUsec(said) >= seen.ArrivedUsec - CoarseUsec),
            $"{seen} (#{seen.Seqnum}) waited for udev and says what that said of #{said}");
    }

    // The database file alone says when it was written, and not of which event.
    private bool IsInexact(SeenEvent seen) => udevd.Hearing != UdevdHearing.All || udevd.HeardSinceUsec >= seen.ArrivedUsec;

    private static long Said(SeenEvent seen) =>
        seen.Properties.TryGetValue("ID_SEQ", out var seqnum) ? long.Parse(seqnum, CultureInfo.InvariantCulture) : 0;
}
