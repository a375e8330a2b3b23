using System.Text;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>When nothing happens any more, everybody knows the tree as it is.</summary>
internal sealed class FinalStateChecker(CheckedWorld world) : Checker(world)
{
    public override void Ended()
    {
        var world = World.World;
        var tree = World.Kernel.Sysfs.All.Select(d => d.Path).ToHashSet();
        var known = world.Engine.Devices.All().Select(d => d.DevPath).ToHashSet();
        Require(tree.SetEquals(known), $"the engine knows {Difference(known, tree)}");
        foreach (var path in World.Subscriber.Told.Keys)
            Require(tree.Contains(path), $"{path} was told and is gone");
        foreach (var device in World.Kernel.Sysfs.All)
            CheckDevice(device);
        Require(!world.Engine.NeedsDrain && world.Reading == 0, "something is still under way");
        Require(world.Engine.Devices.All().All(d => d.State != Core.Ordering.DeviceState.Waiting), "a device still waits");
    }

    private void CheckDevice(ModelDevice device)
    {
        var known = World.World.Engine.Devices.Find(Encoding.UTF8.GetBytes(device.Path))!;
        var told = World.Subscriber.Told.GetValueOrDefault(device.Path);
        var rule = SimRule.For(device.Path, change: false);
        if (!World.Kernel.OfInode(device.Inode)!.MayBeDropped && (rule is null || rule.Wait.All(c => c.OptionalUsec is not null || c.Holds(device))))
            Require(told is not null, $"{device.Path} is complete and nobody was told");
        if (told is null)
            return;
        Require(known.Instance.Inode == device.Inode, $"{device.Path} is instance {device.Inode} and was told as {known.Instance.Inode}");
        Require(
            told.Properties.GetValueOrDefault("INODE") == $"{device.Inode}",
            $"{device.Path} is instance {device.Inode} and was told with the properties of {told.Properties.GetValueOrDefault("INODE")}");
    }

    private static string Difference(HashSet<string> known, HashSet<string> tree) =>
        $"[{string.Join(", ", known.Except(tree))}] too much, [{string.Join(", ", tree.Except(known))}] too little";
}
