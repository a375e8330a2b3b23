namespace UeventManager.KernelTests.Differential;

/// <summary>A round as its seed wants it: features, rules, subscribers and operations.</summary>
internal sealed record Plan(int Seed, Features Features, IReadOnlyList<ModelRules> Rules, int Buffer, bool CountsSeqnum, int Subscribers, IReadOnlyList<Operation> Operations)
{
    /// <summary>Weight of each kind, and the feature that it needs.</summary>
    private static readonly (OperationKind Kind, int Weight, Features Needs)[] s_weights =
    [
        (OperationKind.Create, 22, Features.None),
        (OperationKind.Remove, 10, Features.None),
        (OperationKind.Recreate, 6, Features.None),
        (OperationKind.Attribute, 10, Features.None),
        (OperationKind.Complete, 14, Features.None),
        (OperationKind.Change, 12, Features.None),
        (OperationKind.Bind, 4, Features.None),
        (OperationKind.Move, 12, Features.Moves),
        (OperationKind.Member, 16, Features.Groups),
        (OperationKind.Illegal, 8, Features.Illegal),
        (OperationKind.Silent, 3, Features.Illegal),
        (OperationKind.Kobject, 2, Features.Kobjects),
        (OperationKind.Storm, 3, Features.Bursts),
        (OperationKind.Freeze, 4, Features.Bursts),
        (OperationKind.Thaw, 3, Features.Bursts),
        (OperationKind.Reload, 3, Features.Reloads),
        (OperationKind.Stop, 3, Features.Restarts),
        (OperationKind.Kill, 2, Features.Kills),
        (OperationKind.Start, 6, Features.None),
        (OperationKind.Reconnect, 6, Features.Resumes),
        (OperationKind.Read, 12, Features.None),
        (OperationKind.Settle, 2, Features.Calls),
        (OperationKind.Wait, 4, Features.Calls),
        (OperationKind.Pause, 14, Features.None),
        (OperationKind.Quiesce, 1, Features.None),
    ];

    /// <summary>The same seed makes the same plan; features that are not allowed leave the rest as it is.</summary>
    public static Plan Of(int seed, Knobs knobs)
    {
        var random = new Random(seed);
        var drawn = Features.None;
        for (var bit = 1; bit < (int)Features.All; bit <<= 1)
        {
            if (random.Next(100) < 45)
                drawn |= (Features)bit;
        }
        var features = (drawn & knobs.Allowed) | knobs.Forced;
        var rules = Enumerable.Range(0, 3).Select(number => ModelRules.Random(number, new Random(random.Next()))).ToList();
        var small = 4096 << random.Next(5);
        var countsSeqnum = random.Next(2) == 0;
        var subscribers = 1 + random.Next(7);
        var operations = Draw(new Random(random.Next()), random.Next(20, 220), features).ToList();
        return new Plan(seed, features, rules, features.HasFlag(Features.Overruns) ? small : 0, countsSeqnum, subscribers, operations);
    }

    private static IEnumerable<Operation> Draw(Random random, int count, Features features)
    {
        var all = s_weights.Sum(each => each.Weight);
        for (var number = 0; number < count; number++)
        {
            var (at, seed) = (random.Next(all), random.Next());
            var (kind, _, needs) = s_weights.First(each => (at -= each.Weight) < 0);
            if (features.HasFlag(needs))
                yield return new Operation(number, kind, seed);
        }
    }

    public override string ToString() =>
        $"seed {Seed}, {Features}, {Operations.Count} operations, {Subscribers} subscribers, buffer {(Buffer == 0 ? "default" : Buffer)}, {(CountsSeqnum ? "with" : "without")} uevent_seqnum";
}
