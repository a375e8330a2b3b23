using System.Text;
using System.Text.Json;

namespace UeventManager.Core.Recording;

/// <summary>
/// The delivered events that the daemon still has in memory. They add devices whose history the engine has forgotten, properties, and the groups that
/// were announced together.
/// </summary>
public sealed class ToldEvents
{
    // Two records of the same add differ only because the clock was read twice.
    private const long SameUsec = 1_000;

    private readonly List<RememberedDevice?> _adds = [];
    private readonly Dictionary<string, int> _there = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _groups = new(StringComparer.Ordinal);

    /// <summary>Takes a line of a recording that has delivered events.</summary>
    /// <param name="line">The line, known to be valid JSON.</param>
    public void Take(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        if (!document.RootElement.TryGetProperty("events"u8, out var events) || events.ValueKind != JsonValueKind.Array)
            return;
        foreach (var told in events.EnumerateArray())
        {
            if (told.ValueKind == JsonValueKind.Object && told.TryGetProperty("device"u8, out var device) && device.ValueKind == JsonValueKind.Object && !Is(device, "kobject") && Text(device, "devpath") is { } path)
                Take(told, device, path);
        }
    }

    /// <summary>Completes the engine's memory with the delivered events.</summary>
    /// <param name="remembered">The devices that the engine remembers.</param>
    public IReadOnlyList<RememberedDevice> Complete(IEnumerable<RememberedDevice> remembered)
    {
        var result = new List<RememberedDevice>();
        var adds = Enumerable.Range(0, _adds.Count).ToLookup(number => _adds[number]!.DevPath, StringComparer.Ordinal);
        foreach (var device in remembered)
        {
            var (told, found) = (adds[device.DevPath].FirstOrDefault(number => _adds[number] is { } add && Math.Abs(add.AnnouncedUsec!.Value - (device.AnnouncedUsec ?? 0)) <= SameUsec, -1), device);
            if (told >= 0)
            {
                found = device with { Group = device.Group == 0 ? _adds[told]!.Group : device.Group, Properties = device.Properties ?? _adds[told]!.Properties };
                _adds[told] = null;
            }
            result.Add(found);
        }
        result.AddRange(_adds.OfType<RememberedDevice>());
        return result;
    }

    private void Take(JsonElement told, JsonElement device, string path)
    {
        switch (Text(told, "action"))
        {
            case "add":
                _there[path] = _adds.Count;
                _adds.Add(Added(told, device, path));
                break;
            case "move" when Text(told, "oldDevpath") is { } old && _there.Remove(old, out var moved):
                _there[path] = moved;
                _adds[moved] = _adds[moved]! with { DevPath = path };
                break;
            case "remove" when _there.Remove(path, out var gone):
                _adds[gone] = _adds[gone]! with { GoneUsec = Number(told, "settledUsec") };
                break;
        }
    }

    private RememberedDevice Added(JsonElement told, JsonElement device, string path)
    {
        var (arrived, settled) = (Number(told, "arrivedUsec"), Number(told, "settledUsec"));
        var isSettled = Is(device, "settled");
        var missing = device.TryGetProperty("missing"u8, out var texts) && texts.ValueKind == JsonValueKind.Array ? string.Join("; ", texts.EnumerateArray()) : "";
        return new RememberedDevice
        {
            DevPath = path,
            Subsystem = Text(device, "subsystem") ?? "",
            AddUsec = Math.Min(arrived, settled),
            CompleteUsec = settled,
            AnnouncedUsec = settled,
            IsUnsettled = !isSettled,
            // Without a SEQNUM, a scan found the device; how long it was incomplete before is not known.
            WasThere = isSettled && !told.TryGetProperty("seqnum"u8, out _),
            Outcome = $"{Text(device, "rule") ?? "no rule"}: {(isSettled ? "settled" : "announced unsettled")}{(missing.Length > 0 ? $", without {missing}" : "")}",
            Group = told.TryGetProperty("group"u8, out var group) && group.ValueKind == JsonValueKind.Object && Text(group, "id") is { } id ? GroupOf(id) : 0,
            Properties = PropertiesOf(device),
        };
    }

    // Negative, so that they differ from the engine's group numbers.
    private long GroupOf(string id)
    {
        if (!_groups.TryGetValue(id, out var number))
            _groups.Add(id, number = -1 - _groups.Count);
        return number;
    }

    private static string? PropertiesOf(JsonElement device)
    {
        if (!device.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object)
            return null;
        var all = new StringBuilder();
        foreach (var one in properties.EnumerateObject())
            all.Append(one.Name).Append('=').Append(one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString() : "").Append('\n');
        return all.ToString();
    }

    private static string? Text(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Is(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;

    private static long Number(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;
}
