namespace UeventManager.Client;

/// <summary>The daemon does not know the device.</summary>
public sealed class DeviceNotFoundException : VarlinkErrorException
{
    /// <summary>Creates the exception for the daemon's error.</summary>
    /// <param name="error">The full name of the error.</param>
    /// <param name="parameters">The error's members.</param>
    internal DeviceNotFoundException(string error, System.Text.Json.JsonElement parameters)
        : base(error, parameters) => Device = Member("device");

    /// <summary>The device's name as given in the call.</summary>
    public string Device { get; }

    /// <summary>What sysfs has instead of a device, if the daemon reports it; else null.</summary>
    public string? Reason => Member("reason") is { Length: > 0 } reason ? reason : null;

    private string Member(string name) => Parameters.TryGetProperty(name, out var value) ? value.ToString() : "";
}
