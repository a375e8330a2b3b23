namespace UeventManager.Client;

/// <summary>The daemon knows no such device.</summary>
public sealed class DeviceNotFoundException : VarlinkErrorException
{
    /// <summary>Makes one of the daemon's error.</summary>
    /// <param name="error">The full name of the error.</param>
    /// <param name="parameters">The error's members.</param>
    internal DeviceNotFoundException(string error, System.Text.Json.JsonElement parameters)
        : base(error, parameters) => Device = Member("device");

    /// <summary>The device as it was asked for.</summary>
    public string Device { get; }

    /// <summary>What sysfs has instead, if the daemon says so; null if not.</summary>
    public string? Reason => Member("reason") is { Length: > 0 } reason ? reason : null;

    private string Member(string name) => Parameters.TryGetProperty(name, out var value) ? value.ToString() : "";
}
