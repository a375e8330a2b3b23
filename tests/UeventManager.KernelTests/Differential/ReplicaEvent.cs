using System.Text.Json;

namespace UeventManager.KernelTests.Differential;

/// <summary>An event as a subscriber got it.</summary>
internal sealed class ReplicaEvent
{
    public ReplicaEvent(JsonElement json)
    {
        Action = json.GetProperty("action").GetString()!;
        Cursor = json.GetProperty("cursor").GetString()!;
        Device = Known.From(json.GetProperty("device"));
        Old = json.TryGetProperty("oldDevpath", out var old) && old.ValueKind == JsonValueKind.String ? old.GetString() : null;
        IsKobject = json.GetProperty("device").TryGetProperty("kobject", out var kobject) && kobject.ValueKind == JsonValueKind.True;
        Synthetic = json.GetProperty("synthetic").GetBoolean();
        ArrivedUsec = json.GetProperty("arrivedUsec").GetInt64();
        SettledUsec = json.GetProperty("settledUsec").GetInt64();
        if (json.TryGetProperty("group", out var group) && group.ValueKind == JsonValueKind.Object)
            Group = (group.GetProperty("id").GetString()!, group.GetProperty("size").GetInt32());
    }

    public string Action { get; }

    public string Cursor { get; }

    public Known Device { get; }

    public string DevPath => Device.DevPath;

    public string? Old { get; }

    public bool IsKobject { get; }

    public bool Synthetic { get; }

    public long ArrivedUsec { get; }

    public long SettledUsec { get; }

    public (string Id, int Size)? Group { get; }

    public override string ToString() =>
        $"{Cursor[^4..]} {Action} {DevPath}{(Old is null ? "" : $" from {Old}")} {Device.Instance}/{Device.Sent} rule {Device.Rule}{(Device.Settled ? "" : " unsettled")}"
        + $"{(Device.Missing > 0 ? $" missing {Device.Missing}" : "")}{(Synthetic ? " synthetic" : "")}{(Group is { } group ? $" group {group.Id} of {group.Size}" : "")}"
        + $" +{SettledUsec - ArrivedUsec}us";
}
