using System.Text.Json;
using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>Devices and events of a fleet as JSON: as the daemon of the host tells them, with the member <c>host</c> before all others.</summary>
public static class FleetJson
{
    /// <summary>Writes a device as one line without its end.</summary>
    /// <param name="device">The device.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(FleetDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return FleetLine.WithHost(device.Host, device.Json.Span);
    }

    /// <summary>Writes an event as one line without its end.</summary>
    /// <param name="value">The event.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(FleetEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return FleetLine.WithHost(value.Host, UeventJson.Write(value.Event));
    }

    internal static UeventDevice? ReadDevice(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, WireJson.Default.UeventDevice);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
