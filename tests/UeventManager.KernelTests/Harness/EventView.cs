using System.Text.Json;

namespace UeventManager.KernelTests.Harness;

/// <summary>An <c>Event</c> of the protocol, read field by field from its JSON.</summary>
public readonly record struct EventView(JsonElement Json)
{
    public string Cursor => Json.GetProperty("cursor").GetString()!;

    public string Action => Json.GetProperty("action").GetString()!;

    public DeviceView Device => new(Json.GetProperty("device"));

    public string? OldDevPath =>
        Json.TryGetProperty("oldDevpath", out var old) && old.ValueKind == JsonValueKind.String ? old.GetString() : null;

    public bool Synthetic => Json.GetProperty("synthetic").GetBoolean();

    /// <summary>CLOCK_MONOTONIC microseconds.</summary>
    public long ArrivedUsec => Json.GetProperty("arrivedUsec").GetInt64();

    /// <summary>CLOCK_MONOTONIC microseconds.</summary>
    public long SettledUsec => Json.GetProperty("settledUsec").GetInt64();

    public bool Is(string action, string sysname) => Action == action && Device.SysName == sysname;

    public bool IsAt(string action, string devpath) => Action == action && Device.DevPath == devpath;

    public override string ToString() => Json.ToString();
}
