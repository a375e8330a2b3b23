using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.History;

// The whole history is handed over, because it is bounded (some 2 MiB of moments).
internal sealed partial class DeviceHistory
{
    /// <summary>Writes everything for the next run.</summary>
    public void Save(SnapshotWriter to)
    {
        var rules = new List<RuleTexts>();
        var numbers = new Dictionary<RuleTexts, int>();
        // Rules are written before the moments that name them, so a dry run first collects them.
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

    /// <summary>Continues the history of another run. Only for an empty history.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public void Restore(SnapshotReader from)
    {
        var rules = new RuleTexts[from.Number(0, Restored.MostTexts)];
        for (var i = 0; i < rules.Length; i++)
            rules[i] = RuleFrom(from);
        _moments.Restore(from, rules);
        for (var i = from.Number(0, Recollections.MaxGone); i > 0; i--)
            _recollections.Add(GoneFrom(from));
        for (var i = from.Number(0, Recollections.MaxLooks); i > 0; i--)
        {
            var id = from.Count();
            var rule = rules.Length > 0 ? rules[from.Number(0, rules.Length - 1)] : throw new SnapshotException("a look has no rule");
            var items = Restored.Items(from);
            if (items.Length != rule.Items.Count)
                throw new SnapshotException("a look's conditions are not those of its rule");
            _recollections.Add(id, rule, items);
        }
    }

    /// <summary>Writes a device's place in the history.</summary>
    public void Save(Device device, SnapshotWriter to) => to.Number(_last[device]);

    /// <summary>Reads a device's place in the history.</summary>
    /// <exception cref="SnapshotException">The history has no such place.</exception>
    public void Restore(Device device, SnapshotReader from) => _last[device] = Place(from);

    private long Place(SnapshotReader from) =>
        from.Number() is var last && _moments.CanBe(last) ? last : throw new SnapshotException("a moment is dated in the future");

    private void SavePast(SnapshotWriter to, Func<RuleTexts, int> numberOf)
    {
        _moments.Save(to, numberOf);
        GoneDevice[] gone = [.. _recollections.Gone().Reverse()];
        to.Number(gone.Length);
        foreach (var one in gone)
            Save(one, to);
        (long Id, RuleTexts Rule, ItemState[] Items)[] looks = [.. _recollections.Looks().Reverse()];
        to.Number(looks.Length);
        foreach (var (id, rule, items) in looks)
        {
            to.Number(id);
            to.Number(numberOf(rule));
            Saved.Items(items, to);
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
        Saved.Texts(gone.Missing, to);
    }

    private static RuleTexts RuleFrom(SnapshotReader from)
    {
        var name = from.KnownText() ?? "";
        var count = from.Number(0, Restored.MostTexts);
        var items = new List<ItemText>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            items.Add(new ItemText(from.KnownText() ?? "", from.Flag()));
        return new RuleTexts(name, items);
    }

    private GoneDevice GoneFrom(SnapshotReader from)
    {
        var (id, path, subsystem, last, rule) = (from.Count(), Restored.Path(from).ToArray(), Restored.Subsystem(from), Place(from), from.KnownText());
        return new GoneDevice(id, path, subsystem, last, rule, Restored.Texts(from));
    }
}
