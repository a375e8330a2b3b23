using System.Reflection;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Ordering;

/// <summary>A reused <c>Pending</c> contains nothing of its previous device.</summary>
public sealed class PendingTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // Whose it is, and what it is made of: those are cleared, not replaced.
    private static readonly Type[] s_parts = [typeof(EventPool), typeof(PendingAdd), typeof(PendingChanges), typeof(DueEntry<Pending>), typeof(Device)];

    [Fact]
    public void A_reused_pending_is_as_new_except_for_its_decision_number()
    {
        var world = new EngineWorld("""
            - name: ready
              wait: [{exists: ready}]
            """);
        world.Add("a");
        world.Add("b");
        world.Run(1_000);
        var (first, second) = (world.Device("a"), world.Device("b"));
        var pending = first.Pending!;
        var decision = pending.Add!.Decision;
        foreach (var field in Fields(typeof(Pending)).Where(field => !s_parts.Contains(field.FieldType) && field.FieldType != typeof(List<PendingEvent>)))
            field.SetValue(pending, Other(field.FieldType, first));
        pending.Add.Decide(Findings.None, leadsGroup: false);
        pending.Add.TakeFile(new UeventText("KEY=value", IsWhole: true), asked: true);
        pending.Add.Renew("KEY=other\0"u8, false);
        pending.Add.ReleaseByHand();
        pending.Add.Join(new Group(first, 1));
        pending.Begin(first.Rules.Rules[0]);
        pending.Items[0].Update(true, "seen", 7);

        pending.Renew(second);

        var fresh = new Pending(second, new EventPool());
        Assert.Same(second, pending.Device);
        Assert.Same(second, pending.NextLook.Owner.Device);
        Assert.Empty(pending.Events);
        Assert.Null(pending.Add);
        foreach (var field in Fields(typeof(Pending)).Where(field => !s_parts.Contains(field.FieldType) && field.Name != "_items"))
            Assert.Equal(field.GetValue(fresh), field.GetValue(pending));
        pending.Begin(second.Rules.Rules[0]);
        Assert.Equal([default], pending.Items);
        pending.BeginAdd(new PendingEvent { Action = UeventAction.Add });
        Assert.Equal(decision + 1, pending.Add!.Decision);
        foreach (var property in typeof(PendingAdd).GetProperties(Any).Where(property => property.Name is not (nameof(PendingAdd.Event) or nameof(PendingAdd.Decision) or nameof(PendingAdd.IsSet))))
            Assert.Equal(property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null, property.GetValue(pending.Add));
    }

    [Fact]
    public void Resetting_a_verdict_clears_all_of_it()
    {
        var world = new EngineWorld("""
            - name: ready
              wait: [{stable: {for: 50ms, paths: ["*"]}}]
            """);
        world.Add("a");
        world.Run(1_000);
        var pending = world.Device("a").Pending!;
        Assert.NotEmpty(pending.Stable);
        Assert.NotNull(pending.Rule);
        pending.Sees(default);

        pending.ResetVerdict();

        Assert.Null(pending.Rule);
        Assert.Empty(pending.Items);
        Assert.Empty(pending.Stable);
        Assert.False(pending.Gone);
    }

    private static FieldInfo[] Fields(Type type) => type.GetFields(Any);

    // Something that nothing new has.
    private static object Other(Type type, Device device)
    {
        if (type == typeof(bool))
            return true;
        if (type == typeof(long))
            return 1L;
        if (type == typeof(int))
            return 1;
        if (type == typeof(DeviceInstance))
            return new DeviceInstance(1, 1);
        if (type == typeof(Hold))
            return new Hold(HoldReason.Ancestor, device);
        if (type == typeof(Look))
            return device.Pending!.InFlight ?? Activator.CreateInstance(type, nonPublic: true)!;
        if (type == typeof(ItemState[]))
            return new ItemState[1];
        if (type == typeof(StableMemory[]))
            return new StableMemory[1];
        if (type == typeof(BoundRule))
            return device.Rules.Rules[0];
        return type == typeof(FollowUp) ? new FollowUp(device.Rules.Rules[0], 1, 1) : throw new NotSupportedException(type.Name);
    }
}
