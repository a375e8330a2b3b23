using System.Text.Json;

namespace UeventManager.Plot;

/// <summary>
/// Writes Chromium's trace event format, which Perfetto's UI loads: an async event for each device from its add until it is complete, and one for each
/// read that blocked. Events of one id must nest, and two reads of a device may overlap, so each has an id of its own.
/// </summary>
internal static class PerfettoTrace
{
    /// <summary>Writes the trace.</summary>
    public static byte[] Of(IEnumerable<PlotDevice> devices)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("displayTimeUnit"u8, "ms");
            json.WriteStartArray("traceEvents"u8);
            var (id, processes) = (0, new Dictionary<string, int>(StringComparer.Ordinal));
            foreach (var device in devices)
            {
                if (!processes.TryGetValue(device.Subsystem, out var process))
                {
                    processes.Add(device.Subsystem, process = processes.Count + 1);
                    Begin(json, "M", "process_name", process, 0, 0);
                    json.WriteStartObject("args"u8);
                    json.WriteString("name"u8, device.Subsystem);
                    json.WriteEndObject();
                    json.WriteEndObject();
                }
                Device(json, device, process, ref id);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.ToArray();
    }

    private static void Device(Utf8JsonWriter json, PlotDevice device, int process, ref int id)
    {
        id++;
        Begin(json, "b", device.Name, process, id, device.AddUsec);
        json.WriteStartObject("args"u8);
        json.WriteString("devpath"u8, device.DevPath);
        if (device.Outcome.Length > 0)
            json.WriteString("outcome"u8, device.Outcome);
        json.WriteEndObject();
        json.WriteEndObject();
        foreach (var (name, at) in device.Items)
            Event(json, "n", name, process, id, at);
        if (device.AnnouncedUsec is { } announced)
            Event(json, "n", device.IsIncomplete ? "announced INCOMPLETE" : "announced", process, id, announced);
        Event(json, "e", device.Name, process, id, device.EndUsec);
        foreach (var (name, from, until) in device.Blocked)
        {
            var read = $"{device.Name}: reading {name}";
            Event(json, "b", read, process, ++id, from);
            Event(json, "e", read, process, id, until);
        }
    }

    private static void Event(Utf8JsonWriter json, string phase, string name, int process, int id, long usec)
    {
        Begin(json, phase, name, process, id, usec);
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string phase, string name, int process, int id, long usec)
    {
        json.WriteStartObject();
        json.WriteString("ph"u8, phase);
        json.WriteString("cat"u8, "device");
        json.WriteString("name"u8, name);
        json.WriteNumber("pid"u8, process);
        json.WriteNumber("tid"u8, process);
        json.WriteNumber("ts"u8, usec);
        if (id > 0)
            json.WriteNumber("id"u8, id);
    }
}
