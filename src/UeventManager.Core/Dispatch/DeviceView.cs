using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>A device as subscribers see it at one moment: the source of every <c>Device</c> on the socket.</summary>
public readonly ref struct DeviceView
{
    private static readonly PropertyBuffer None = new();

    /// <summary>The devpath.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>The devpath of the nearest known ancestor; empty if there is none.</summary>
    public ReadOnlySpan<byte> ParentPath { get; init; }

    /// <summary>SUBSYSTEM.</summary>
    public string Subsystem { get; init; }

    /// <summary>The properties.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>The outline of the properties; only encoding needs it.</summary>
    public PropertyOutline Outline { get; init; }

    /// <summary>The properties for filters: without the variables of a single event.</summary>
    public ReadOnlySpan<byte> OwnProperties { get; init; }

    /// <summary>The findings of the deciding look.</summary>
    public Findings Findings { get; init; }

    /// <summary>The known ancestors (<see cref="Ancestry"/>).</summary>
    internal ReadOnlySpan<byte> Above { get; init; }

    /// <summary>True for a kobject that is not a device.</summary>
    public bool IsKobject { get; init; }

    /// <summary>A device as it was last announced.</summary>
    public static DeviceView OfAnnounced(Device device) => new()
    {
        Path = device.DeliveredPlace(),
        ParentPath = device.DeliveredParent,
        Subsystem = device.Subsystem,
        Properties = device.Properties.Span,
        Outline = device.Properties.Outline,
        OwnProperties = (device.OwnProperties ?? device.Properties).Span,
        Findings = device.Findings,
        Above = Ancestry.Of(device),
    };

    /// <summary>A device that is not announced yet, with its missing conditions.</summary>
    public static DeviceView OfWaiting(Device device) => new()
    {
        Path = device.Node.Path,
        ParentPath = device.Node.ParentDevice?.Node.Path,
        Subsystem = device.Subsystem,
        Properties = PropertiesOf(device).Span,
        Outline = PropertiesOf(device).Outline,
        OwnProperties = PropertiesOf(device).Span,
        Findings = Findings.None with
        {
            Settled = false,
            Rule = device.Pending?.Rule?.Rule.Name,
            Missing = UeventEngine.MissingOf(device),
        },
        Above = Ancestry.Of(device),
    };

    /// <summary>
    /// An announced device with an undelivered change: its findings have the change's missing conditions and rule, which may differ from the add's
    /// rule.
    /// </summary>
    public static DeviceView OfUnfinished(Device device) => OfAnnounced(device) with
    {
        Findings = device.Findings with
        {
            Settled = false,
            Rule = device.Pending is { FollowUp: null, Rule: { } rule } ? rule.Rule.Name : device.Findings.Rule,
            Missing = UeventEngine.MissingOf(device),
        },
    };

    /// <summary>A device as last announced, or as it waits.</summary>
    public static DeviceView OfKnown(Device device) => device.State == DeviceState.Announced ? OfAnnounced(device) : OfWaiting(device);

    /// <summary>The device of an event.</summary>
    public static DeviceView Of(PendingEvent released, Device? device) => new()
    {
        Path = released.Path.Span,
        ParentPath = released.ParentPath.Span,
        Subsystem = released.Subsystem,
        Properties = released.Properties.Span,
        Outline = released.Properties.Outline,
        OwnProperties = (released.Own ?? released.Properties).Span,
        Findings = released.Findings,
        Above = device is null ? default : Ancestry.Of(device),
        IsKobject = device is null,
    };

    private static PropertyBuffer PropertiesOf(Device device) => device.Pending is { Events: [var first, ..] } ? first.Properties : None;

    /// <summary>The value of a property for filters.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => PropertyBlock.TryGet(OwnProperties, key, out value);
}
