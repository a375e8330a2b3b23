using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Engine;

// What Explain tells of the past, for the next run: all of it, because it is bounded (some 2 MiB of moments).
public sealed partial class UeventEngine
{
    private void SaveHistory(SnapshotWriter to)
    {
        var rules = new List<RuleTexts>();
        var numbers = new Dictionary<RuleTexts, int>();
        // The rules stand before what names them, and are found by writing that to nowhere.
        SavePast(new SnapshotWriter(static _ => { }), NumberOf);
        to.Number(rules.Count);
        foreach (var rule in rules)
            Save(rule, to);
        SavePast(to, NumberOf);

        int NumberOf(RuleTexts rule)
        {
            if (!numbers.TryGetValue(rule, out var number))
            {
                numbers.Add(rule, number = rules.Count);
                rules.Add(rule);
            }
            return number;
        }
    }

    private void SavePast(SnapshotWriter to, Func<RuleTexts, int> numberOf)
    {
        _history.Save(to, numberOf);
        GoneDevice[] gone = [.. _remembered.Gone().Reverse()];
        to.Number(gone.Length);
        foreach (var one in gone)
            Save(one, to);
        (long Id, RuleTexts Rule, ItemState[] Items)[] looks = [.. _remembered.Looks().Reverse()];
        to.Number(looks.Length);
        foreach (var (id, rule, items) in looks)
        {
            to.Number(id);
            to.Number(numberOf(rule));
            Save(items, to);
        }
    }

    private static void Save(RuleTexts rule, SnapshotWriter to)
    {
        to.Text(rule.Name);
        to.Number(rule.Items.Count);
        foreach (var (text, isOptional) in rule.Items)
        {
            to.Text(text);
            to.Flag(isOptional);
        }
    }

    private static void Save(in GoneDevice gone, SnapshotWriter to)
    {
        to.Number(gone.Id);
        to.Bytes(gone.Path);
        to.Text(gone.Subsystem);
        to.Number(gone.LastMoment);
        to.Text(gone.Rule);
        to.Number(gone.Missing?.Count ?? -1);
        foreach (var text in gone.Missing ?? [])
            to.Text(text);
    }

    private static void Save(ItemState[] items, SnapshotWriter to)
    {
        to.Number(items.Length);
        foreach (var item in items)
        {
            to.Flag(item.Held);
            to.Text(item.Seen);
            to.Flag(item.HeldSinceUsec > 0);
            if (item.HeldSinceUsec > 0)
                to.Number(item.HeldSinceUsec);
            to.Number(item.Looks);
        }
    }

    private void RestoreHistory(SnapshotReader from)
    {
        var rules = new RuleTexts[from.Number(0, MostTexts)];
        for (var i = 0; i < rules.Length; i++)
            rules[i] = RuleFrom(from);
        _history.Restore(from, rules);
        for (var i = from.Number(0, Remembered.MaxGone); i > 0; i--)
            _remembered.Add(GoneFrom(from));
        for (var i = from.Number(0, Remembered.MaxLooks); i > 0; i--)
        {
            var id = from.Count();
            var rule = rules.Length > 0 ? rules[from.Number(0, rules.Length - 1)] : throw new SnapshotException("a look is of no rule");
            var items = ItemsFrom(from);
            if (items.Length != rule.Items.Count)
                throw new SnapshotException("a look saw other conditions than its rule has");
            _remembered.Add(id, rule, items);
        }
    }

    private static ItemState[] ItemsFrom(SnapshotReader from)
    {
        var count = from.Number(0, MostTexts);
        var items = new List<ItemState>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            items.Add(new ItemState { Held = from.Flag(), Seen = from.Text(), HeldSinceUsec = HeldSinceFrom(from), Looks = from.Number(0, int.MaxValue) });
        return [.. items];
    }

    // 0 is no time but says that it does not hold.
    private static long HeldSinceFrom(SnapshotReader from) => from.Flag() ? from.Time() : 0;

    private static RuleTexts RuleFrom(SnapshotReader from)
    {
        var name = from.KnownText() ?? "";
        var count = from.Number(0, MostTexts);
        var items = new List<ItemText>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            items.Add(new ItemText(from.KnownText() ?? "", from.Flag()));
        return new RuleTexts(name, items);
    }

    private GoneDevice GoneFrom(SnapshotReader from)
    {
        var (id, path, subsystem, last, rule) = (from.Count(), Restored.Path(from).ToArray(), Restored.Subsystem(from), MomentFrom(from), from.KnownText());
        return new GoneDevice(id, path, subsystem, last, rule, MissingFrom(from));
    }

    private static List<string>? MissingFrom(SnapshotReader from)
    {
        var count = from.Number(-1, MostTexts);
        var missing = count < 0 ? null : new List<string>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            missing!.Add(from.KnownText() ?? "");
        return missing;
    }

    private long MomentFrom(SnapshotReader from) =>
        from.Number() is var last && _history.CanBe(last) ? last : throw new SnapshotException("a moment is of the future");
}
