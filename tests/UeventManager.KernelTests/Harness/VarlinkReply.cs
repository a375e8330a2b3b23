using System.Text.Json;

namespace UeventManager.KernelTests.Harness;

/// <summary>One reply frame.</summary>
/// <param name="Parameters">An empty object where the frame has none.</param>
/// <param name="Error">The error's full name, or null.</param>
/// <param name="Continues">More replies to the same call follow.</param>
public readonly record struct VarlinkReply(JsonElement Parameters, string? Error, bool Continues)
{
    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;

    internal static VarlinkReply From(JsonElement frame) => new(
        frame.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters : Empty,
        frame.TryGetProperty("error", out var error) ? error.GetString() : null,
        frame.TryGetProperty("continues", out var continues) && continues.ValueKind == JsonValueKind.True);
}
