using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G7: the state that a new subscriber gets says of each device what the events have told everybody else, place and parent among it.</summary>
internal sealed class StateChecker(CheckedWorld world) : Checker(world)
{
    public override void Rested()
    {
        foreach (var device in World.World.Engine.Devices.All())
        {
            if (device.State != DeviceState.Announced)
                continue;
            var view = DeviceView.OfAnnounced(device);
            var (path, parent) = (Encoding.UTF8.GetString(view.Path), Encoding.UTF8.GetString(view.ParentPath));
            Require(World.Subscriber.Told.TryGetValue(path, out var told), $"the state has {path}, of which no event has told");
            Require(told!.Parent == parent, $"the state has {path} below {parent}, and the events have told {told.Parent}", "Parent");
        }
    }
}
