using System.Text.Json;

namespace UeventManager.Client;

/// <summary>What was waited for was not so in time.</summary>
public sealed class WaitTimeoutException : TimeoutException
{
    /// <summary>Makes one of the daemon's error Timeout.</summary>
    /// <param name="error">The error.</param>
    internal WaitTimeoutException(VarlinkErrorException error)
        : this(MissingOf(error.Parameters), error)
    {
    }

    /// <summary>Makes one of what is missing.</summary>
    internal WaitTimeoutException(IReadOnlyList<string> missing, Exception? error)
        : base(missing.Count == 0 ? "not within the timeout" : "not within the timeout; missing: " + string.Join(", ", missing), error) => Missing = missing;

    /// <summary>What did not hold at the last look, as the daemon says it; empty if nothing is known of the device.</summary>
    public IReadOnlyList<string> Missing { get; }

    private static string[] MissingOf(JsonElement parameters) =>
        parameters.TryGetProperty("missing", out JsonElement missing) && missing.ValueKind == JsonValueKind.Array
            ? [.. missing.EnumerateArray().Select(text => text.ToString())]
            : [];
}
