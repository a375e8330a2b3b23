using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Which devices and actions a subscriber wants. Lists are alternatives, members are all required; null is anything.</summary>
public sealed record DeviceFilter
{
    /// <summary>Most patterns in one filter.</summary>
    public const int MaxPatterns = 256;

    /// <summary>Most properties, variables, attributes and ancestors that one filter asks: each is looked up in all that a device has.</summary>
    public const int MaxProperties = 32;

    /// <summary>Most patterns with more than one star; each counts once for every 64 characters (<see cref="Glob.Cost"/>).</summary>
    public const int MaxCost = 32;

    // Nearly every name and devpath is shorter; what is longer costs a string.
    private const int ShortText = 256;

    /// <summary>Patterns for the subsystem.</summary>
    public IReadOnlyList<Glob>? Subsystems { get; init; }

    /// <summary>Patterns for DEVTYPE.</summary>
    public IReadOnlyList<Glob>? DevTypes { get; init; }

    /// <summary>Patterns for the devpath.</summary>
    public IReadOnlyList<Glob>? DevPaths { get; init; }

    /// <summary>Patterns for the last component of the devpath.</summary>
    public IReadOnlyList<Glob>? SysNames { get; init; }

    /// <summary>Patterns for the action: they select events, not devices.</summary>
    public IReadOnlyList<Glob>? Actions { get; init; }

    /// <summary>Patterns for properties; all required.</summary>
    public IReadOnlyList<KeyValuePair<byte[], Glob>>? Properties { get; init; }

    /// <summary>
    /// Patterns for what an event carries, variables of its own included (RESIZE, HOTPLUG, SYNTH_UUID); all required. They select events, not devices.
    /// </summary>
    public IReadOnlyList<KeyValuePair<byte[], Glob>>? Variables { get; init; }

    /// <summary>Patterns for udev's tags, as the property TAGS tells them.</summary>
    public IReadOnlyList<Glob>? Tags { get; init; }

    /// <summary>Patterns for attributes that the device's rule attaches; all required.</summary>
    public IReadOnlyList<KeyValuePair<string, Glob>>? Attributes { get; init; }

    /// <summary>Ancestors of which it must have one.</summary>
    public IReadOnlyList<ParentPattern>? Parents { get; init; }

    /// <summary>True if a device can enter or leave the filter during its life.</summary>
    public bool CanChange => DevTypes is not null || DevPaths is not null || SysNames is not null || AsksMore;

    /// <summary>True if an event's <see cref="EventTag"/> says whether it is wanted.</summary>
    public bool IsOfTag => DevPaths is null && SysNames is null && !AsksMore && Variables is null;

    /// <summary>
    /// True if it asks little enough that a device costs some microseconds: every event is matched against it on the engine's thread.
    /// </summary>
    public bool IsAffordable => All.Count() <= MaxPatterns && Questions <= MaxProperties && All.Sum(pattern => pattern.Cost) <= MaxCost;

    /// <summary>What a device costs, in steps of some 100 ns.</summary>
    public int Steps => field > 0 ? field : field = 1 + (All.Count() / 16) + All.Sum(pattern => pattern.Cost);

    private bool AsksMore => Properties is not null || Attributes is not null || Tags is not null || Parents is not null;

    private int Questions => (Properties?.Count ?? 0) + (Variables?.Count ?? 0) + (Attributes?.Count ?? 0) + (Parents?.Count ?? 0);

    private IEnumerable<Glob> All =>
        new[] { Subsystems, DevTypes, DevPaths, SysNames, Actions, Tags }.SelectMany(list => list ?? [])
            .Concat(new[] { Properties, Variables }.SelectMany(list => list ?? []).Select(property => property.Value))
            .Concat((Attributes ?? []).Select(attribute => attribute.Value)).Concat((Parents ?? []).SelectMany(parent => parent.Globs));

    /// <summary>Whether a device is wanted.</summary>
    public bool Wants(in DeviceView view)
    {
        if (Subsystems is { } subsystems && !Any(subsystems, view.Subsystem))
            return false;
        if (DevTypes is { } types && !(view.TryGet("DEVTYPE"u8, out var type) ? AnyOf(types, type) : Any(types, null)))
            return false;
        if (DevPaths is { } paths && !AnyOf(paths, view.Path))
            return false;
        if (SysNames is { } names && !AnyOf(names, Uevents.DevPaths.SysName(view.Path)))
            return false;
        if (Tags is { } tags && !AnyOfTags(tags, view.TryGet("TAGS"u8, out var told) ? told : default))
            return false;
        if (Parents is { } parents && !AnyOf(parents, view))
            return false;
        if (Attributes is { } attributes && !AllOf(attributes, view.Findings?.Attributes))
            return false;
        if (Properties is not { } properties)
            return true;
        foreach (var (key, glob) in properties)
        {
            var isThere = PropertyBlock.TryGet(view.OwnProperties, key, out var value) && !PropertyKeys.Of(key).IsOfEvent();
            if (!(isThere ? Matches(glob, value) : glob.Negated))
                return false;
        }
        return true;
    }

    /// <summary>Whether an event is wanted, by a filter of which that can be said (<see cref="IsOfTag"/>).</summary>
    public bool Wants(in EventTag tag) =>
        (Subsystems is not { } subsystems || Any(subsystems, tag.Subsystem)) && (DevTypes is not { } types || Any(types, tag.DevType)) && Wants(tag.Action);

    /// <summary>Whether events of an action are wanted.</summary>
    public bool Wants(UeventAction action) => Actions is not { } actions || Any(actions, action.Text());

    /// <summary>Whether an event is wanted, of a device that is.</summary>
    /// <param name="action">Its action as it would be told.</param>
    /// <param name="carried">All properties that it carries.</param>
    public bool Wants(UeventAction action, ReadOnlySpan<byte> carried)
    {
        if (!Wants(action))
            return false;
        if (Variables is not { } variables)
            return true;
        foreach (var (key, glob) in variables)
        {
            if (!(PropertyBlock.TryGet(carried, key, out var value) ? Matches(glob, value) : glob.Negated))
                return false;
        }
        return true;
    }

    private static bool AnyOf(IReadOnlyList<ParentPattern> parents, in DeviceView view)
    {
        foreach (var parent in parents)
        {
            if (parent.Matches(view))
                return true;
        }
        return false;
    }

    private static bool AllOf(IReadOnlyList<KeyValuePair<string, Glob>> wanted, IReadOnlyList<KeyValuePair<string, string>>? attached)
    {
        foreach (var (path, glob) in wanted)
        {
            string? value = null;
            for (var i = 0; i < (attached?.Count ?? 0) && value is null; i++)
                value = attached![i].Key == path ? attached[i].Value : null;
            if (!glob.Matches(value))
                return false;
        }
        return true;
    }

    // As udev writes them: ":one:two:". A negated pattern wants that no tag is so.
    private static bool AnyOfTags(IReadOnlyList<Glob> globs, ReadOnlySpan<byte> tags)
    {
        foreach (var glob in globs)
        {
            var all = true;
            foreach (var range in tags.Split((byte)':'))
            {
                var tag = tags[range];
                if (!tag.IsEmpty && Matches(glob, tag) != glob.Negated)
                    all = false;
            }
            if (all == glob.Negated)
                return true;
        }
        return false;
    }

    private static bool AnyOf(IReadOnlyList<Glob> globs, ReadOnlySpan<byte> text)
    {
        Span<char> buffer = stackalloc char[ShortText];
        var decoded = KernelText.Decode(text, buffer);
        foreach (var glob in globs)
        {
            if (glob.Matches(decoded))
                return true;
        }
        return false;
    }

    private static bool Matches(Glob glob, ReadOnlySpan<byte> text)
    {
        Span<char> buffer = stackalloc char[ShortText];
        return glob.Matches(KernelText.Decode(text, buffer));
    }

    private static bool Any(IReadOnlyList<Glob> globs, string? text)
    {
        foreach (var glob in globs)
        {
            if (glob.Matches(text))
                return true;
        }
        return false;
    }
}
