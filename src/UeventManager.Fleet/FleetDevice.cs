using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>A device of a host. It keeps the JSON of the host's daemon, and parses it at the first use.</summary>
public sealed class FleetDevice
{
    private UeventDevice? _device;

    internal FleetDevice(string host, string devpath, ReadOnlyMemory<byte> json) => (Host, DevPath, Json) = (host, devpath, json);

    /// <summary>Creates a device.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="device">The device as the daemon lists it.</param>
    public FleetDevice(string host, UeventDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        (Host, DevPath, Json, _device) = (host, device.DevPath, UeventJson.Write(device), device);
    }

    /// <summary>The host's name.</summary>
    public string Host { get; }

    /// <summary>The devpath; together with the host it identifies the device.</summary>
    public string DevPath { get; }

    /// <summary>The device as the host's daemon lists it: JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The device.</summary>
    public UeventDevice Device => _device ??= Read();

    /// <summary>The parsed device, without caching it.</summary>
    internal UeventDevice Read() => _device ?? FleetJson.ReadDevice(Json.Span) ?? Unreadable;

    // A host may publish anything as its own; that must not end the consumers of all others.
    private UeventDevice Unreadable => new() { DevPath = DevPath, Subsystem = "", SysName = "", Settled = false, Properties = new Dictionary<string, string>() };
}

/// <summary>An event of a host's device.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Event">The event as the host's daemon sent it. Its cursor belongs to that daemon.</param>
public sealed record FleetEvent(string Host, UeventEvent Event);
