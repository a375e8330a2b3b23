using System.Text.Json;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Parameters of a call, whose types the dispatcher has checked against the interface.</summary>
internal static class CallParameters
{
    /// <summary>A string, or null.</summary>
    public static string? Text(this VarlinkCall call, string name) =>
        call.Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number, or null.</summary>
    public static long? Number(this VarlinkCall call, string name) =>
        call.Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    /// <summary>True only if a flag is set.</summary>
    public static bool Flag(this VarlinkCall call, string name) =>
        call.Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
