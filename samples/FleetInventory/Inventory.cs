using System.Globalization;
using UeventManager.Client;
using UeventManager.Fleet;

/// <summary>Writes what changes in the inventory.</summary>
internal sealed class Inventory(TextWriter output, bool onlyVirtualFunctions)
{
    public void Show(FleetTable table, FleetChange change)
    {
        switch (change)
        {
            case FleetState state:
                foreach (FleetDevice one in state.Devices)
                    Show(table, DateTimeOffset.UtcNow, one.Host, "there", one.Device);
                break;
            case FleetEvents events:
                foreach (FleetEvent one in events.Events)
                    Show(table, one.Event.RealtimeUsec is { } usec ? DateTimeOffset.UnixEpoch.AddMicroseconds(usec) : DateTimeOffset.UtcNow, one.Host, one.Event.Action, one.Event.Device);
                break;
            // What was there may not be there any more; what is counted as free should leave it out.
            case FleetHostChange { Host: var host }:
                Line(DateTimeOffset.UtcNow, host.Name, "host", "", "", host.State.ToString());
                break;
            default:
                break;
        }
        output.Flush();
    }

    private void Show(FleetTable table, DateTimeOffset time, string host, string what, UeventDevice device)
    {
        if (!onlyVirtualFunctions || device.Links?.ContainsKey("physfn") == true)
            Line(time, host, what, device.DevPath, device.Driver ?? "", (table.Hosts.GetValueOrDefault(host)?.State ?? FleetHostState.Live).ToString());
    }

    private void Line(DateTimeOffset time, params string[] cells) =>
        output.WriteLine(string.Join(',', cells.Prepend(time.UtcDateTime.ToString("o", CultureInfo.InvariantCulture)).Select(static cell => cell.AsSpan().IndexOfAny("\",\n\r") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));
}
