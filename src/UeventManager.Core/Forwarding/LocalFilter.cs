using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>
/// Several filters of which a device must fit one. The daemon takes one for each call, so whoever has more sees all devices and decides alone, as the
/// daemon does: by the device, by what its rule attached and by the devices above it.
/// </summary>
/// <param name="alternatives">The filters.</param>
public sealed class LocalFilter(IReadOnlyList<DeviceFilter> alternatives)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ByteBuffer _above = new();
    private readonly List<ForwardedDevice> _ancestors = [];

    /// <summary>True if a filter asks what only an event tells.</summary>
    public bool AsksAttributes { get; } = alternatives.Any(filter => filter.Attributes is not null);

    /// <summary>True if a device may enter or leave a filter because one above it moves.</summary>
    public bool AsksPlaces { get; } = alternatives.Any(filter => filter.DevPaths is not null || filter.Parents is not null);

    private bool AsksParents { get; } = alternatives.Any(filter => filter.Parents is not null);

    /// <summary>Whether a device of an event is wanted.</summary>
    /// <param name="said">The event.</param>
    /// <param name="known">The devices above it.</param>
    public bool Wants(ForwardedEvent said, ForwardedDevices known)
    {
        ArgumentNullException.ThrowIfNull(said);
        var findings = said.Attributes.Count == 0 ? Findings.None : Findings.None with { Attributes = said.Attributes };
        return Wants(said.DevPath, NameOf(said.Subsystem), said.Properties, findings, known);
    }

    /// <summary>Whether a known device is wanted, at the place that it has now.</summary>
    public bool Wants(ForwardedDevice device, ForwardedDevices known)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Wants(device.Path, NameOf(device.Property("SUBSYSTEM"u8)), device.Block, Findings.None, known);
    }

    private bool Wants(ReadOnlySpan<byte> path, string subsystem, ReadOnlySpan<byte> properties, Findings findings, ForwardedDevices known)
    {
        FindAbove(path, known);
        var view = new DeviceView { Path = path, Subsystem = subsystem, Properties = properties, OwnProperties = properties, Findings = findings, Above = _above.Written };
        for (var i = 0; i < alternatives.Count; i++)
        {
            if (alternatives[i].Wants(view))
                return true;
        }
        return false;
    }

    // As Ancestry has it: from the top, of each the slashes in its devpath, its subsystem and its devtype.
    private void FindAbove(ReadOnlySpan<byte> path, ForwardedDevices known)
    {
        _above.Clear();
        if (!AsksParents)
            return;
        _ancestors.Clear();
        for (var above = DevPaths.Parent(path); !above.IsEmpty; above = DevPaths.Parent(above))
        {
            if (known.TryGet(above, out var device))
                _ancestors.Add(device);
        }
        for (var i = _ancestors.Count - 1; i >= 0; i--)
        {
            _above.Append((byte)Math.Min(255, _ancestors[i].Path.Count((byte)'/')));
            AppendShort(_ancestors[i].Property("SUBSYSTEM"u8));
            AppendShort(_ancestors[i].Property("DEVTYPE"u8));
        }
    }

    private void AppendShort(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(255, text.Length)];
        _above.Append((byte)text.Length);
        _above.Append(text);
    }

    // There are few subsystems: each is made a string once.
    private string NameOf(ReadOnlySpan<byte> subsystem)
    {
        Span<char> buffer = stackalloc char[256];
        var name = KernelText.Decode(subsystem, buffer);
        if (_names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var known))
            return known;
        var made = name.ToString();
        if (_names.Count < 1024)
            _names.Add(made);
        return made;
    }
}
