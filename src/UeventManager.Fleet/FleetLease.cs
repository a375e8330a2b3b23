using System.Text.Json;
using System.Text.Json.Serialization;

namespace UeventManager.Fleet;

/// <summary>The state of a host's bridge, in its newest message on <c>uevent.HOST.lease</c>.</summary>
public sealed record FleetLease
{
    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>The bridge's id; random, new at each start.</summary>
    public required string Instance { get; init; }

    /// <summary>running, daemonAway (the bridge cannot reach the host's daemon) or stopped (the bridge ended in order).</summary>
    public required string State { get; init; }

    /// <summary>The interval of leases, in milliseconds. A host without a lease for three intervals counts as stale.</summary>
    public required long BeatMsec { get; init; }

    /// <summary>The sequence up to which the bridge knows that every transaction in the stream is complete.</summary>
    public required ulong WholeTo { get; init; }

    /// <summary>The number of the host's devices.</summary>
    public long Devices { get; init; }

    /// <summary>The number of times the bridge has read the host's state again since its start.</summary>
    public long Gaps { get; init; }

    /// <summary>The reason of the last time.</summary>
    public string? LastGap { get; init; }

    /// <summary>The host's own hostname.</summary>
    public string? Hostname { get; init; }

    /// <summary>The kernel's boot id of the host.</summary>
    public string? Boot { get; init; }

    /// <summary>The bridge's process: its pid namespace, its pid, and its start time in the kernel's ticks.</summary>
    public string? Process { get; init; }

    /// <summary>The bridge's version.</summary>
    public string? Version { get; init; }

    /// <summary>The lease as JSON.</summary>
    /// <returns>UTF-8.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, LeaseJson.Default.FleetLease);

    /// <summary>Reads a lease.</summary>
    /// <param name="json">The message.</param>
    /// <returns>The lease; null if the message is not a lease.</returns>
    public static FleetLease? TryParse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, LeaseJson.Default.FleetLease);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetLease))]
internal sealed partial class LeaseJson : JsonSerializerContext;
