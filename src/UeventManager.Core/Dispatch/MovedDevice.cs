using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>One device whose devpath a move changed, and its effect on a subscription with a filter.</summary>
internal sealed class MovedDevice
{
    private readonly EventText _event = new();
    private readonly byte[] _text;
    private readonly byte[]? _before;
    private readonly byte[]? _after;
    private readonly byte[] _oldParent;
    private readonly byte[] _above;
    private readonly IReadOnlyList<KeyValuePair<string, string>>? _attributesBefore;

    /// <summary>Reads the device from an entry of the ring.</summary>
    /// <param name="text">The device's event.</param>
    /// <param name="notes">The event's notes.</param>
    public MovedDevice(ReadOnlySpan<byte> text, in EventNotes notes)
    {
        _text = text.ToArray();
        _before = notes.HasBefore ? notes.Before.ToArray() : null;
        _after = notes.HasAfter ? notes.After.ToArray() : null;
        _oldParent = notes.OldParent.ToArray();
        _above = notes.Above.ToArray();
        DeviceId = notes.DeviceId;
        ReadOnlySpan<byte> rest = _text;
        _event.TryRead(ref rest, out _);
        _attributesBefore = notes.HasAttributesBefore ? notes.ReadAttributesBefore() : _event.Attributes;
    }

    /// <summary>The device's number.</summary>
    public long DeviceId { get; }

    /// <summary>The new devpath.</summary>
    public ReadOnlySpan<byte> Path => _event.Path;

    /// <summary>The old devpath.</summary>
    public ReadOnlySpan<byte> OldPath => _event.OldPath ?? _event.Path;

    /// <summary>Whether the subscriber knew it before.</summary>
    public bool WasMember { get; set; }

    /// <summary>Whether the subscriber knows it from now on.</summary>
    public bool IsMember { get; set; }

    /// <summary>The action that the subscriber gets; null for none.</summary>
    public UeventAction? Told { get; set; }

    /// <summary>True if the subscriber gets an ancestor's move, and so knows the new place.</summary>
    public bool IsCarried { get; set; }

    /// <summary>Whether a filter selects the device at its new place.</summary>
    public bool IsWanted(DeviceFilter filter) => filter.Wants(View(_event.Path, _after, _event.Attributes));

    /// <summary>Whether a filter selects the device's event with a given action.</summary>
    public bool IsWantedAs(DeviceFilter filter, UeventAction action) =>
        filter.Wants(action == UeventAction.Remove ? View(OldPath, _before ?? _after, _attributesBefore) : View(_event.Path, _after, _event.Attributes), action, _event.Properties);

    /// <summary>Whether a filter selected the device at its old place.</summary>
    public bool WasWanted(DeviceFilter filter) => filter.Wants(View(OldPath, _before ?? _after, _attributesBefore));

    /// <summary>Writes the subscriber's event, after a comma if there is output already.</summary>
    public void Write(ByteBuffer output)
    {
        if (output.Length > 0)
            output.Append((byte)',');
        if (Told == UeventAction.Remove && !IsCarried)
            _event.WriteRemoveOfOld(output, _text, _oldParent);
        else
            _event.Write(output, _text, Told!.Value);
    }

    private DeviceView View(ReadOnlySpan<byte> path, byte[]? own, IReadOnlyList<KeyValuePair<string, string>>? attributes) => new()
    {
        Path = path,
        Subsystem = _event.Subsystem,
        Properties = _event.Properties,
        OwnProperties = own ?? _event.Properties,
        Findings = attributes is null ? Findings.None : Findings.None with { Attributes = attributes },
        Above = _above,
    };
}
