using System.Reflection;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Ordering;

/// <summary>A wait is used again for another device, and nothing of the first one may be found in it.</summary>
public sealed class WaitTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Fact]
    public void A_renewed_wait_is_as_a_new_one_except_for_the_number_of_its_decisions()
    {
        var world = new EngineWorld("""
            - name: ready
              wait: [{exists: ready}]
            """);
        world.Add("a");
        world.Add("b");
        world.Run(1_000);
        var (first, second) = (world.Device("a"), world.Device("b"));
        var wait = first.Wait!;
        foreach (var property in Properties())
            property.SetValue(wait, Other(property.PropertyType, first));
        wait.Begin(first.Rules.Rules[0]);
        wait.Items[0].Update(true, "seen", 7);

        wait.Renew(second);

        var fresh = new Wait(second);
        Assert.Same(second, wait.NextLook.Owner);
        Assert.Same(second, wait.Deadline.Owner);
        Assert.Empty(wait.Queue);
        Assert.Equal(1, wait.Decision);
        foreach (var property in Properties().Where(property => property.Name != nameof(Wait.Decision)))
            Assert.Equal(property.GetValue(fresh), property.GetValue(wait));
        wait.Begin(second.Rules.Rules[0]);
        Assert.Equal([default], wait.Items);
    }

    private static PropertyInfo[] Properties() => [.. typeof(Wait).GetProperties(Any).Where(property => property.CanWrite)];

    // Something that no new wait has.
    private static object Other(Type type, Device device)
    {
        if (type == typeof(bool))
            return true;
        if (type == typeof(long))
            return 1L;
        if (type == typeof(int))
            return 1;
        if (type == typeof(string))
            return "something";
        if (type == typeof(byte[]))
            return new byte[] { 1 };
        if (type == typeof(DeviceInstance))
            return new DeviceInstance(1, 1);
        if (type == typeof(Device))
            return device;
        if (type == typeof(Look))
            return device.Wait!.InFlight ?? Activator.CreateInstance(type, nonPublic: true)!;
        if (type == typeof(ItemState[]))
            return new ItemState[1];
        if (type == typeof(StableMemory[]))
            return new StableMemory[1];
        if (type == typeof(BoundRule))
            return device.Rules.Rules[0];
        if (type == typeof(FollowUp))
            return new FollowUp(device.Rules.Rules[0], [], 1, 1);
        return type == typeof(Group) ? new Group(device, 1) : throw new NotSupportedException(type.Name);
    }
}
