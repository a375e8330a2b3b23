namespace UeventManager.Tests.Engine;

/// <summary>Each cell of the table of a device's life is true.</summary>
public sealed class LifeTableTests
{
    public static TheoryData<string, string, string> Cells()
    {
        var data = new TheoryData<string, string, string>();
        var rows = LifeTable.Rows();
        foreach (var row in rows.Skip(2))
        {
            for (var i = 1; i < row.Length; i++)
                data.Add(row[0], rows[0][i], row[i]);
        }
        return data;
    }

    [Fact]
    public void The_table_has_every_input_and_every_state()
    {
        var rows = LifeTable.Rows();
        Assert.Equal(["input", .. LifeTable.States.Keys], rows[0]);
        Assert.Equal(LifeTable.Inputs.Keys, rows.Skip(2).Select(row => row[0]));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_cell_of_the_table_is_true(string input, string state, string expected)
    {
        Assert.NotEqual("", expected);
        if (expected == LifeTable.Impossible)
            return;
        var (world, name) = State(input, state);
        Assert.Equal(expected, Cell(world, name, state, input));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_subscriber_sees_a_legal_order_of_events_after_any_input(string input, string state, string expected)
    {
        if (expected == LifeTable.Impossible)
            return;
        var (world, name) = State(input, state);
        _ = Cell(world, name, state, input);
        foreach (var there in new[] { name, "e" })
            LifeTable.Complete(world, there);
        world.Run(60_000_000);
        foreach (var there in new[] { name, "e" })
            world.Remove(there);
        world.Run(60_000_000);
        var alive = false;
        foreach (var seen in world.Seen.Where(seen => seen.Path[^1] != 'p'))
        {
            Assert.True(alive != (seen.Action == "add"), string.Join(", ", world.Seen));
            alive = seen.Action != "remove";
        }
        Assert.False(alive);
        Assert.False(world.Knows(name) || world.Knows("e"));
    }

    private static (EngineWorld World, string Name) State(string input, string state)
    {
        var policy = input.StartsWith("timeout, ", StringComparison.Ordinal) ? input[9..] : "hold";
        var (world, name) = LifeTable.States[state](policy);
        Assert.Equal(state == "deciding" ? "waiting" : state, LifeTable.StateOf(world, name));
        return (world, name);
    }

    private static string Cell(EngineWorld world, string name, string state, string input)
    {
        var before = world.Seen.Count;
        if (state == "deciding")
        {
            // It comes after the look that held and before the drain.
            world.OnceDecided = () => LifeTable.Inputs[input](world, name);
            LifeTable.Complete(world, name);
            world.Run(10_000);
            Assert.Null(world.OnceDecided);
        }
        else
        {
            LifeTable.Inputs[input](world, name);
            world.Run(1_000);
        }
        var seen = world.Seen.Skip(before).Select(one => one.ToString().Replace("p/d", "d", StringComparison.Ordinal)).Where(one => !one.Contains(" p", StringComparison.Ordinal));
        var next = LifeTable.StateOf(world, name);
        var told = string.Join(", ", seen);
        return next == state && told.Length == 0 ? LifeTable.Same : told.Length == 0 ? next : $"{next}: {told}";
    }
}
