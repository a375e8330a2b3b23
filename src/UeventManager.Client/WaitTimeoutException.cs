using System.Text.Json;

namespace UeventManager.Client;

/// <summary>A wait was not fulfilled within its timeout.</summary>
public sealed class WaitTimeoutException : TimeoutException
{
    /// <summary>Creates the exception for the daemon's error Timeout.</summary>
    /// <param name="error">The error.</param>
    internal WaitTimeoutException(VarlinkErrorException error)
        : this(MissingOf(error.Parameters), error)
    {
    }

    /// <summary>Creates the exception from the missing conditions.</summary>
    internal WaitTimeoutException(IReadOnlyList<string> missing, Exception? error)
        : base(missing.Count == 0 ? "not within the timeout" : "not within the timeout; missing: " + string.Join(", ", missing), error) => Missing = missing;

    /// <summary>The conditions that did not hold at the last look, in the daemon's words; empty if nothing is known of the device.</summary>
    public IReadOnlyList<string> Missing { get; }

    private static string[] MissingOf(JsonElement parameters) =>
        parameters.TryGetProperty("missing", out JsonElement missing) && missing.ValueKind == JsonValueKind.Array
            ? [.. missing.EnumerateArray().Select(text => text.ToString())]
            : [];
}
