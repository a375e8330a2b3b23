using System.Text.Json;

namespace UeventManager.Client;

/// <summary>The rule files have errors; the previous rules stay in force.</summary>
public sealed class RulesInvalidException : Exception
{
    /// <summary>Creates the exception for the daemon's error RulesInvalid.</summary>
    /// <param name="error">The error.</param>
    internal RulesInvalidException(VarlinkErrorException error)
        : this(ErrorsOf(error.Parameters), error)
    {
    }

    private RulesInvalidException(IReadOnlyList<string> errors, Exception error)
        : base("the rules are invalid: " + string.Join("; ", errors), error) => Errors = errors;

    /// <summary>All errors, as <c>file:line:column: message</c>.</summary>
    public IReadOnlyList<string> Errors { get; }

    private static string[] ErrorsOf(JsonElement parameters) =>
        parameters.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array
            ? [.. errors.EnumerateArray().Select(text => text.ToString())]
            : [];
}
