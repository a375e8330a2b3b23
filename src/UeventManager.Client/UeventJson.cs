using System.Text.Encodings.Web;
using System.Text.Json;

namespace UeventManager.Client;

/// <summary>Writes devices and events as JSON, in the same form as on the wire.</summary>
public static class UeventJson
{
    // Text stays readable: characters that are unsafe only in HTML are not escaped.
    private static readonly WireJson Context = new(new JsonSerializerOptions(WireJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes an event as one line without a newline.</summary>
    /// <param name="value">The event.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(UeventEvent value) => JsonSerializer.SerializeToUtf8Bytes(value, Context.UeventEvent);

    /// <summary>Writes a device as one line without a newline.</summary>
    /// <param name="value">The device.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(UeventDevice value) => JsonSerializer.SerializeToUtf8Bytes(value, Context.UeventDevice);

    /// <summary>Writes a status as one line without a newline.</summary>
    /// <param name="value">The status.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(DaemonStatus value) => JsonSerializer.SerializeToUtf8Bytes(value, Context.DaemonStatus);

    /// <summary>Writes an explanation as one line without a newline.</summary>
    /// <param name="value">The explanation.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(DeviceExplanation value) => JsonSerializer.SerializeToUtf8Bytes(value, Context.DeviceExplanation);

    /// <summary>Writes a gap as one line without a newline.</summary>
    /// <param name="value">The gap.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(UeventGap value) => JsonSerializer.SerializeToUtf8Bytes(value, Context.UeventGap);
}
