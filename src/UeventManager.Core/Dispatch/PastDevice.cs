using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>A copy of a device from before a change, for readers that have not read the device yet.</summary>
internal sealed class PastDevice
{
    // The size of the objects without the bytes that they hold.
    private const int Overhead = 320;

    private readonly byte[] _path = [];
    private readonly byte[] _parentPath = [];
    private readonly byte[] _above = [];
    private readonly string _subsystem = "";
    private readonly Findings _findings = Findings.None;
    private readonly PropertyPast? _properties;

    /// <summary>Copies a device as it is now. For a device that is not announced, only that fact is stored.</summary>
    public PastDevice(Device device, long until)
    {
        (Id, Until) = (device.Id, until);
        Size = Overhead;
        if (device.State != DeviceState.Announced)
            return;
        var view = DeviceView.OfAnnounced(device);
        (_path, _parentPath, _subsystem, _findings) = (view.Path.ToArray(), view.ParentPath.ToArray(), view.Subsystem, view.Findings);
        _above = Ancestry.Of(device);
        _properties = new PropertyPast(view.Properties.ToArray(), view.Outline, device.OwnProperties?.Span.ToArray());
        Size += _path.Length + _parentPath.Length + _properties.Size;
    }

    /// <summary>The device's id.</summary>
    public long Id { get; }

    /// <summary>The last cut for which the copy is valid.</summary>
    public long Until { get; }

    /// <summary>The size in bytes.</summary>
    public int Size { get; }

    /// <summary>True if the device was announced.</summary>
    public bool IsAnnounced => _properties is not null;

    /// <summary>The previous copy, valid for earlier cuts.</summary>
    public PastDevice? Older { get; set; }

    /// <summary>The next copy.</summary>
    public PastDevice? Newer { get; set; }

    /// <summary>The device as subscribers saw it; only if it was announced.</summary>
    public DeviceView View => new()
    {
        Path = _path,
        ParentPath = _parentPath,
        Subsystem = _subsystem,
        Properties = _properties!.All,
        Outline = _properties.Outline,
        OwnProperties = _properties.Own ?? _properties.All,
        Findings = _findings,
        Above = _above,
    };

    private sealed record PropertyPast(byte[] All, Uevents.PropertyOutline Outline, byte[]? Own)
    {
        public int Size => All.Length + (Own?.Length ?? 0);
    }
}
