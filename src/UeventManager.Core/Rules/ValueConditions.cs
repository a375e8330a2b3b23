using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Rules;

/// <summary>The value of a sysfs attribute passes a test. An unreadable value does not pass.</summary>
/// <param name="Path">Relative to the device's directory.</param>
/// <param name="Test">The test for the value.</param>
public sealed record AttributeCondition(string Path, ValueTest Test) : Condition
{
    private SysfsQuery? _query;

    /// <inheritdoc/>
    public override string Text => $"attribute: {Path} {Test}";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _query = table.Path(Path, QueryNeeds.Value) };

    internal override Truth Check(LookFacts facts)
    {
        ref readonly var answer = ref facts[_query!.Slot];
        return answer.Errno != 0 ? Truth.Unknown : TruthValues.Of(Test.Passes(answer.Value));
    }

    internal override string? Seen(LookFacts facts) => SeenValue(facts[_query!.Slot]);

    internal static string? SeenValue(in Answer answer) =>
        answer.IsUnrecorded ? "not in the recording" : answer.Errno != 0 ? ErrnoName.Of(answer.Errno) : answer.Value is { } value ? $"\"{value}\"" : null;
}

/// <summary>
/// A property passes a test: its value in the <c>uevent</c> file now, else in the newest uevent. While a device waits to be announced, a property of
/// one event alone (ACTION, SYNTH_UUID) passes if that of any event since the add passes.
/// </summary>
/// <param name="Name">The key, as in the uevent.</param>
/// <param name="Test">The test for the value.</param>
public sealed record PropertyCondition(string Name, ValueTest Test) : Condition
{
    private SysfsQuery? _file;

    /// <inheritdoc/>
    public override string Text => $"property: {Name} {Test}";

    /// <inheritdoc/>
    public override bool AsksEvent => PropertyKeys.Of(Encoding.UTF8.GetBytes(Name)) is PropertyKey.Action or PropertyKey.DevPathOld or PropertyKey.Seqnum or PropertyKey.Synthetic;

    internal override IEnumerable<SysfsQuery> Queries => [_file ?? Unbound];

    internal override Condition Bind(QueryTable table) => this with { _file = table.Path("uevent", QueryNeeds.Value) };

    internal override Truth Check(LookFacts facts) =>
        facts.Earlier is { } earlier && PassedEarlier(earlier) ? Truth.True
        : Find(facts) is { } value ? TruthValues.Of(Test.Passes(value))
        : facts[_file!.Slot].Errno != 0 ? Truth.Unknown : Truth.False;

    internal override bool MayBe(LookFacts facts, bool truth) => AsksEvent || base.MayBe(facts, truth);

    internal override string? Seen(LookFacts facts) =>
        Find(facts) is { } value ? $"\"{value}\"" : facts[_file!.Slot].Errno is var errno and not 0 ? ErrnoName.Of(errno) : null;

    private bool PassedEarlier(IReadOnlyList<string> earlier) =>
        earlier.Any(entry => entry.Length > Name.Length && entry[Name.Length] == '=' && entry.StartsWith(Name, StringComparison.Ordinal) && Test.Passes(entry[(Name.Length + 1)..]));

    // A property may appear without a uevent (a driver's dev_uevent() may add one later), so the file wins.
    private string? Find(LookFacts facts) => UeventFile.Find(facts[_file!.Slot].Value, Name) ?? KernelText.WithoutPadding(facts.Property(Name));
}

/// <summary>The number of names that match a glob, compared with a number or with an attribute's value.</summary>
/// <param name="Glob">Relative to the device's directory.</param>
/// <param name="AtLeast">True for "at least", false for "equals".</param>
/// <param name="Number">The number, or null if <paramref name="AttributePath"/> gives it.</param>
/// <param name="AttributePath">The attribute whose value is the number, or null.</param>
public sealed record CountCondition(string Glob, bool AtLeast, long? Number, string? AttributePath) : Condition
{
    private SysfsQuery? _names;
    private SysfsQuery? _attribute;

    /// <inheritdoc/>
    public override string Text =>
        $"count: {Glob} {(AtLeast ? "atLeast" : "equals")} {(AttributePath is null ? Number.ToString() : $"{{attribute: {AttributePath}}}")}";

    internal override IEnumerable<SysfsQuery> Queries => _attribute is null ? [_names ?? Unbound] : [_names ?? Unbound, _attribute];

    internal override Condition Bind(QueryTable table) => this with
    {
        _names = table.Names(Glob),
        _attribute = AttributePath is null ? null : table.Path(AttributePath, QueryNeeds.Value),
    };

    internal override Truth Check(LookFacts facts)
    {
        if (_attribute is null)
            return Check(facts, Number!.Value);
        ref readonly var answer = ref facts[_attribute.Slot];
        if (answer.Errno != 0)
            return Truth.Unknown;
        return answer.Value is { } value && ValueTest.TryNumber(value, out var wanted) ? Check(facts, wanted) : Truth.False;
    }

    // An errno means that more names exist than were counted.
    private Truth Check(LookFacts facts, long wanted)
    {
        ref readonly var names = ref facts[_names!.Slot];
        if (AtLeast && names.Count >= wanted)
            return Truth.True;
        return names.Errno != 0 ? Truth.Unknown : TruthValues.Of(!AtLeast && names.Count == wanted);
    }

    internal override string? Seen(LookFacts facts)
    {
        ref readonly var names = ref facts[_names!.Slot];
        var count = names.Errno == 0 ? $"{names.Count}" : $"{names.Count} of more, {ErrnoName.Of(names.Errno)}";
        if (_attribute is null)
            return count;
        return $"{count}, {AttributePath} {AttributeCondition.SeenValue(facts[_attribute.Slot]) ?? "absent"}";
    }
}

/// <summary>The names that match some globs, and their values, have not changed for a time.</summary>
/// <param name="ForUsec">The time, in microseconds.</param>
/// <param name="Globs">Relative to the device's directory.</param>
public sealed record StableCondition(long ForUsec, IReadOnlyList<string> Globs) : Condition
{
    private SysfsQuery? _query;
    private int _memory;

    /// <inheritdoc/>
    public override string Text => $"stable: for {Duration.Format(ForUsec)} [{string.Join(", ", Globs)}]";

    internal override IEnumerable<SysfsQuery> Queries => [_query ?? Unbound];

    internal override Condition Bind(QueryTable table) =>
        this with { _query = table.Fingerprint(Globs), _memory = table.NextStable() };

    // The time counts from the end of the look that first saw the fingerprint to the beginning of this look, so it was the same for at least that
    // long, however long the looks took.
    internal override Truth Check(LookFacts facts)
    {
        var memory = facts.Stable[_memory];
        return TruthValues.Of(facts[_query!.Slot], memory.Fingerprint is not null && memory.Fingerprint == facts[_query.Slot].Value && facts.StartedUsec - memory.SinceUsec >= ForUsec);
    }

    /// <summary>Notes the fingerprint of a look. Call it once a look, after <see cref="Check(LookFacts)"/>.</summary>
    internal void Remember(LookFacts facts, long endedUsec)
    {
        var seen = facts[_query!.Slot].Value;
        if (facts.Stable[_memory].Fingerprint != seen || seen is null)
            facts.Stable[_memory] = new StableMemory(seen, endedUsec);
    }
}
