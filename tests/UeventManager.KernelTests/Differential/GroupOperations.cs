namespace UeventManager.KernelTests.Differential;

/// <summary>Leaders <c>l0</c>, <c>l1</c> and members <c>m0</c> to <c>m4</c>, which lead to each other by links that may come late.</summary>
internal sealed class GroupOperations(World world)
{
    private const string Home = "/devices/g";

    public void Carry(Operation operation, Action<ModelDevice> complete)
    {
        var leader = Leader(operation.Next(2, 1));
        var number = operation.Next(5, 2);
        var member = world.Devices.GetValueOrDefault($"{Home}/m{number}");
        switch (operation.Next(8, 3))
        {
            case 0 when leader is null:
                var made = Make($"l{operation.Next(2, 1)}");
                if (operation.Chance(60, 4))
                    complete(made);
                world.Say("add", made);
                break;
            case 0 or 1 when leader is not null:
                if (operation.Chance(50, 4))
                    complete(leader);
                world.Say("change", leader);
                break;
            case 2 or 3 or 4 when member is null && leader is not null:
                Enable(operation, leader, number, complete);
                break;
            case 5 when member is not null:
                if (Leader(operation.Next(2, 1)) is { } later && operation.Chance(70, 5))
                    Join(member, later);
                complete(member);
                break;
            case 6 when member is not null:
                Remove(member);
                if (operation.Chance(50, 6) && leader is not null)
                    world.Say("change", leader);
                break;
            case 7 when leader is not null && operation.Chance(40, 7):
                world.Say("remove", leader);
                world.Delete(leader);
                break;
        }
    }

    private ModelDevice? Leader(int number) => world.Devices.GetValueOrDefault($"{Home}/l{number}");

    private ModelDevice Make(string name) => world.Make($"{Home}/{name}", ModelRules.Group, "a", "x");

    private void Enable(Operation operation, ModelDevice leader, int number, Action<ModelDevice> complete)
    {
        var member = Make($"m{number}");
        var early = operation.Chance(40, 4);
        if (early)
            Join(member, leader);
        if (operation.Chance(50, 5))
            complete(member);
        world.Say("add", member);
        // pci_iov_sysfs_link() comes after the add.
        if (!early && operation.Chance(70, 6))
        {
            Join(member, leader);
            if (operation.Chance(50, 7))
                world.Say("change", member);
        }
    }

    private void Join(ModelDevice member, ModelDevice leader)
    {
        foreach (var other in new[] { Leader(0), Leader(1) }.OfType<ModelDevice>().Where(other => other != leader))
            world.Link(other, member.SysName, null);
        world.Link(leader, member.SysName, member.DevPath);
        world.Link(member, "leader", leader.DevPath);
    }

    private void Remove(ModelDevice member)
    {
        foreach (var leader in new[] { Leader(0), Leader(1) }.OfType<ModelDevice>())
            world.Link(leader, member.SysName, null);
        world.Say("remove", member);
        world.Delete(member);
    }
}
