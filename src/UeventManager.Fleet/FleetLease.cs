using System.Text.Json;
using System.Text.Json.Serialization;

namespace UeventManager.Fleet;

/// <summary>The bridge that speaks for a host, as its newest message on <c>uevent.HOST.lease</c> says.</summary>
public sealed record FleetLease
{
    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>The bridge; random, new with each start.</summary>
    public required string Instance { get; init; }

    /// <summary>running, daemonAway (it cannot reach the host's daemon) or stopped (it ended in order).</summary>
    public required string State { get; init; }

    /// <summary>How often it renews the lease, in milliseconds. After three times as long without one the host counts as stale.</summary>
    public required long BeatMsec { get; init; }

    /// <summary>False while a transaction is on its way.</summary>
    public required bool Whole { get; init; }

    /// <summary>How many devices the host has.</summary>
    public long Devices { get; init; }

    /// <summary>How often the bridge had to read the host's state again since it started.</summary>
    public long Gaps { get; init; }

    /// <summary>Why it had to, the last time.</summary>
    public string? LastGap { get; init; }

    /// <summary>The host's own name for itself.</summary>
    public string? Hostname { get; init; }

    /// <summary>The boot of the host, as the kernel names it.</summary>
    public string? Boot { get; init; }

    /// <summary>The bridge's process: its pid namespace, its pid, and when it started, in the kernel's ticks.</summary>
    public string? Process { get; init; }

    /// <summary>The bridge's version.</summary>
    public string? Version { get; init; }

    /// <summary>The lease as JSON.</summary>
    /// <returns>UTF-8.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, LeaseJson.Default.FleetLease);

    /// <summary>Reads a lease.</summary>
    /// <param name="json">The message.</param>
    /// <returns>The lease; null if it is none.</returns>
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
