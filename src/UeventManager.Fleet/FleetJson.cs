using System.Text.Json;
using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>Writes devices and events of a fleet as JSON: as the host's daemon sends them, with <c>host</c> as the first member.</summary>
public static class FleetJson
{
    /// <summary>Writes a device as one line without a newline.</summary>
    /// <param name="device">The device.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(FleetDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return FleetLine.WithHost(device.Host, device.Json.Span);
    }

    /// <summary>Writes an event as one line without a newline.</summary>
    /// <param name="value">The event.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(FleetEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return FleetLine.WithHost(value.Host, UeventJson.Write(value.Event));
    }

    /// <summary>True if no required member is null; the serializer does not check that.</summary>
    internal static bool IsWhole(UeventDevice? device) =>
        device is { DevPath: not null, Subsystem: not null, SysName: not null, Properties: not null } && !device.Properties.Values.Any(static value => value is null);

    internal static UeventDevice? ReadDevice(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, WireJson.Default.UeventDevice) is { } device && IsWhole(device) ? device : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
