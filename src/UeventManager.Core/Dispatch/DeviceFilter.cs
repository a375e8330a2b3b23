using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Which devices and actions a subscriber wants. Lists are alternatives, members are all required; null is anything.</summary>
public sealed record DeviceFilter
{
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

    /// <summary>True if a device can enter or leave the filter during its life.</summary>
    public bool CanChange => DevPaths is not null || SysNames is not null || Properties is not null;

    /// <summary>Whether a device is wanted.</summary>
    public bool Wants(in DeviceView view)
    {
        if (Subsystems is { } subsystems && !Any(subsystems, view.Subsystem))
            return false;
        if (DevTypes is { } types && !Any(types, view.TryGet("DEVTYPE"u8, out var type) ? KernelText.Decode(type) : null))
            return false;
        if (DevPaths is { } paths && !Any(paths, KernelText.Decode(view.Path)))
            return false;
        if (SysNames is { } names && !Any(names, KernelText.Decode(Uevents.DevPaths.SysName(view.Path))))
            return false;
        if (Properties is not { } properties)
            return true;
        foreach (var (key, glob) in properties)
        {
            if (!glob.Matches(!PropertyKeys.Of(key).IsOfEvent() && PropertyBlock.TryGet(view.OwnProperties, key, out var value) ? KernelText.Decode(value) : null))
                return false;
        }
        return true;
    }

    /// <summary>Whether an event is wanted, by a filter that no device enters or leaves.</summary>
    public bool Wants(in EventTag tag) =>
        (Subsystems is not { } subsystems || Any(subsystems, tag.Subsystem)) && (DevTypes is not { } types || Any(types, tag.DevType)) && Wants(tag.Action);

    /// <summary>Whether events of an action are wanted.</summary>
    public bool Wants(UeventAction action) => Actions is not { } actions || Any(actions, action.Text());

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
