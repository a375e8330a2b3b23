using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>A device as subscribers saw it until it changed, for readers that have not read it yet.</summary>
internal sealed class PastDevice
{
    // What the objects take beside the bytes that they hold.
    private const int Overhead = 320;

    private readonly byte[] _path = [];
    private readonly byte[] _parentPath = [];
    private readonly byte[] _above = [];
    private readonly string _subsystem = "";
    private readonly Findings _findings = Findings.None;
    private readonly PropertyPast? _properties;

    /// <summary>Takes a copy of a device as it is now. Of one that is not announced there is nothing to tell.</summary>
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

    /// <summary>Whose past it is.</summary>
    public long Id { get; }

    /// <summary>The last cut that it is right for.</summary>
    public long Until { get; }

    /// <summary>Bytes that it takes.</summary>
    public int Size { get; }

    /// <summary>True if subscribers knew it.</summary>
    public bool IsAnnounced => _properties is not null;

    /// <summary>What it was before, and is right for earlier cuts.</summary>
    public PastDevice? Older { get; set; }

    /// <summary>What it was afterwards.</summary>
    public PastDevice? Newer { get; set; }

    /// <summary>How subscribers saw it; only if it was announced.</summary>
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
