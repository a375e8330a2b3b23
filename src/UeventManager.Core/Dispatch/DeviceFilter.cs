using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// Selects devices and actions for a subscriber. The items of a list are alternatives, all members must match; null matches everything.
/// </summary>
public sealed partial record DeviceFilter
{
    // Nearly every name and devpath is shorter; a longer text costs a string.
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
    /// Patterns for an event's properties, including variables of that event alone (RESIZE, HOTPLUG, SYNTH_UUID); all required. They select events,
    /// not devices.
    /// </summary>
    public IReadOnlyList<KeyValuePair<byte[], Glob>>? Variables { get; init; }

    /// <summary>Patterns for udev's tags, in the property TAGS.</summary>
    public IReadOnlyList<Glob>? Tags { get; init; }

    /// <summary>Patterns for attributes that the device's rule attaches; all required.</summary>
    public IReadOnlyList<KeyValuePair<string, Glob>>? Attributes { get; init; }

    /// <summary>Ancestors, of which the device must have at least one.</summary>
    public IReadOnlyList<ParentPattern>? Parents { get; init; }

    /// <summary>Filters, of which at least one must also select the device and its event.</summary>
    public IReadOnlyList<DeviceFilter>? Alternatives { get; init; }

    /// <summary>Whether the filter selects a device.</summary>
    public bool Wants(in DeviceView view) => WantsItself(view) && (Alternatives is not { } others || AnyOf(others, view));

    /// <summary>Whether the filter selects an event; only for a filter that tags suffice for (<see cref="IsOfTag"/>).</summary>
    public bool Wants(in EventTag tag)
    {
        if ((Subsystems is { } subsystems && !Any(subsystems, tag.Subsystem)) || (DevTypes is { } types && !Any(types, tag.DevType)) || !Wants(tag.Action))
            return false;
        if (Alternatives is not { } others)
            return true;
        foreach (var other in others)
        {
            if (other.Wants(tag))
                return true;
        }
        return false;
    }

    /// <summary>Whether the filter selects an event of a device that belongs, or belonged, to the filter.</summary>
    /// <param name="view">The device.</param>
    /// <param name="action">The action as it would be delivered.</param>
    /// <param name="carried">All properties of the event.</param>
    public bool Wants(in DeviceView view, UeventAction action, ReadOnlySpan<byte> carried)
    {
        if (!Wants(action) || (Variables is { } variables && !AllOf(variables, carried)))
            return false;
        if (Alternatives is not { } others)
            return true;
        var isOfAny = false;
        foreach (var other in others)
        {
            var isOfThis = other.Wants(view);
            isOfAny |= isOfThis;
            if (isOfThis && other.Wants(view, action, carried))
                return true;
        }
        // A device that has left all alternatives may have belonged to any of them.
        for (var i = 0; !isOfAny && i < others.Count; i++)
        {
            if (others[i].Wants(view, action, carried))
                return true;
        }
        return false;
    }

    private bool WantsItself(in DeviceView view)
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

    private bool Wants(UeventAction action) => Actions is not { } actions || Any(actions, action.Text());

    private static bool AllOf(IReadOnlyList<KeyValuePair<byte[], Glob>> wanted, ReadOnlySpan<byte> carried)
    {
        foreach (var (key, glob) in wanted)
        {
            if (!(PropertyBlock.TryGet(carried, key, out var value) ? Matches(glob, value) : glob.Negated))
                return false;
        }
        return true;
    }

    private static bool AnyOf(IReadOnlyList<DeviceFilter> filters, in DeviceView view)
    {
        foreach (var filter in filters)
        {
            if (filter.Wants(view))
                return true;
        }
        return false;
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

    // udev writes tags as ":one:two:". A negated pattern requires that no tag matches.
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
