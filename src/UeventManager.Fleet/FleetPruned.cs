using System.Text.Json;
using System.Text.Json.Serialization;

namespace UeventManager.Fleet;

/// <summary>
/// What was purged of a host's part of the stream, as its newest message on <c>uevent.HOST.pruned</c> says. A consumer that goes on from a place before it may have
/// missed that a device is gone, and reads the state.
/// </summary>
public sealed record FleetPruned
{
    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>The newest message that is purged.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>True if all of the host is.</summary>
    public bool Whole { get; init; }

    /// <summary>It as JSON.</summary>
    /// <returns>UTF-8.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PrunedJson.Default.FleetPruned);

    /// <summary>Reads one; null if it is none, or says what cannot be: what comes later was not purged before.</summary>
    internal static FleetPruned? Of(FleetMessage message)
    {
        if (!message.IsPruned)
            return null;
        try
        {
            return JsonSerializer.Deserialize(message.Payload.Span, PrunedJson.Default.FleetPruned) is { } pruned && pruned.Sequence < message.Sequence ? pruned : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FleetPruned))]
internal sealed partial class PrunedJson : JsonSerializerContext;
