using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>A device of a host. It keeps what the host's daemon lists as it was written; what is in it is read when it is first asked for.</summary>
public sealed class FleetDevice
{
    private UeventDevice? _device;

    internal FleetDevice(string host, string devpath, ReadOnlyMemory<byte> json) => (Host, DevPath, Json) = (host, devpath, json);

    /// <summary>Makes one.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="device">The device as it is listed.</param>
    public FleetDevice(string host, UeventDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        (Host, DevPath, Json, _device) = (host, device.DevPath, UeventJson.Write(device), device);
    }

    /// <summary>The host's name.</summary>
    public string Host { get; }

    /// <summary>The device's devpath; with the host it names the device.</summary>
    public string DevPath { get; }

    /// <summary>The device as the host's daemon lists it, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The device.</summary>
    public UeventDevice Device => _device ??= Read();

    /// <summary>The device, without keeping it.</summary>
    internal UeventDevice Read() => _device ?? FleetJson.ReadDevice(Json.Span) ?? throw new InvalidDataException($"{Host}{DevPath} is not a device");
}

/// <summary>Something that happened to a device of a host.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Event">What happened, as the host's daemon told it. A cursor is that daemon's.</param>
public sealed record FleetEvent(string Host, UeventEvent Event);
