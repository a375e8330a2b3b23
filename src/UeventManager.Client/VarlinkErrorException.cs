using System.Text.Json;

namespace UeventManager.Client;

/// <summary>The service answered with an error.</summary>
public class VarlinkErrorException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">The full name of the error.</param>
    /// <param name="parameters">The error's members; an empty object if there are none.</param>
    public VarlinkErrorException(string error, JsonElement parameters)
        : base(parameters.EnumerateObject().Any() ? $"{error} {parameters.GetRawText()}" : error)
    {
        Error = error;
        Parameters = parameters;
    }

    /// <summary>The full name of the error, as <c>org.ueventmanager.Devices.NoSuchDevice</c>.</summary>
    public string Error { get; }

    /// <summary>The error's members; an empty object if there are none.</summary>
    public JsonElement Parameters { get; }
}
