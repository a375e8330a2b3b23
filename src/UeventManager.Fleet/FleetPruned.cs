using System.Text.Json;
using System.Text.Json.Serialization;

namespace UeventManager.Fleet;

/// <summary>
/// The purged part of a host's messages, as the newest message on <c>uevent.HOST.pruned</c> gives it. A consumer that continues from an older place
/// may have missed that a device is gone, and reads the state.
/// </summary>
public sealed record FleetPruned
{
    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>The sequence of the newest purged message.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>True if all messages of the host were purged.</summary>
    public bool Whole { get; init; }

    /// <summary>The record as JSON.</summary>
    /// <returns>UTF-8.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PrunedJson.Default.FleetPruned);

    /// <summary>Reads a purge report; null if the message is none, or names a purged message that is not older than itself.</summary>
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
