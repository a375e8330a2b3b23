namespace UeventManager.KernelTests.Harness;

/// <summary>Waits for the thing itself, up to a deadline.</summary>
public static class Eventually
{
    /// <summary>Returns as soon as <paramref name="holds"/> does; fails with <paramref name="what"/> at the deadline.</summary>
    public static void Holds(Func<bool> holds, Deadline deadline, string what)
    {
        if (!SpinWait.SpinUntil(holds, deadline.Remaining))
            Assert.Fail($"not within {deadline}: {what}");
    }

    /// <summary>The same where other tasks of the test go on meanwhile.</summary>
    public static Task HoldsAsync(Func<bool> holds, Deadline deadline, string what) => Task.Run(() => Holds(holds, deadline, what));

    /// <summary>The first value that is not null; fails with <paramref name="what"/> at the deadline.</summary>
    public static T Get<T>(Func<T?> look, Deadline deadline, string what)
        where T : class
    {
        T? found = null;
        Holds(() => (found = look()) is not null, deadline, what);
        return found!;
    }

    /// <summary>Looks until two sets are the same; fails with the difference at the deadline.</summary>
    public static void SameSet(Func<IEnumerable<string>> expected, Func<IEnumerable<string>> actual, Deadline deadline, string what)
    {
        string[] missing = [];
        string[] surplus = [];
        bool Same()
        {
            var left = expected().ToHashSet(StringComparer.Ordinal);
            var right = actual().ToHashSet(StringComparer.Ordinal);
            missing = [.. left.Except(right).Order(StringComparer.Ordinal)];
            surplus = [.. right.Except(left).Order(StringComparer.Ordinal)];
            return missing.Length + surplus.Length == 0;
        }

        if (!SpinWait.SpinUntil(Same, deadline.Remaining))
            Assert.Fail($"not within {deadline}: {what}; {Sample("missing", missing)}; {Sample("surplus", surplus)}");
    }

    private static string Sample(string name, string[] values) =>
        $"{values.Length} {name}{(values.Length == 0 ? "" : ": " + string.Join(", ", values.Take(5)))}";
}
