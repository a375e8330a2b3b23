using System.Globalization;
using UeventManager.Client;
using UeventManager.Fleet;

/// <summary>Writes each change as statements of SQL.</summary>
internal sealed class Statements(TextWriter output, bool onlyVirtualFunctions)
{
    private const string Create = "CREATE TABLE IF NOT EXISTS inventory (host text, devpath text, driver text, changed timestamptz, host_state text, PRIMARY KEY (host, devpath));";

    public void Write(FleetTable table, FleetChange change)
    {
        switch (change)
        {
            case FleetState state:
                output.WriteLine(Create);
                output.WriteLine("BEGIN;");
                output.WriteLine("DELETE FROM inventory;");
                foreach (FleetDevice one in state.Devices)
                    Put(table, one.Host, one.Device, DateTimeOffset.UtcNow);
                output.WriteLine("COMMIT;");
                break;
            case FleetEvents events:
                output.WriteLine("BEGIN;");
                foreach (FleetEvent one in events.Events)
                    Write(table, one.Host, one.Event);
                output.WriteLine("COMMIT;");
                break;
            // The devices of a host that is silent stay as they were last known: leave them out of what counts as free.
            case FleetHostChange { Host: { State: FleetHostState.Purged } gone }:
                output.WriteLine($"DELETE FROM inventory WHERE host = {Text(gone.Name)};");
                break;
            case FleetHostChange { Host: var host }:
                output.WriteLine($"UPDATE inventory SET host_state = {Text(NameOf(host.State))} WHERE host = {Text(host.Name)};");
                break;
            default:
                break;
        }
        output.Flush();
    }

    private void Write(FleetTable table, string host, UeventEvent one)
    {
        if (one.OldDevPath is { } old)
            Delete(host, old);
        if (one.Action == "remove" || !IsWanted(one.Device))
            Delete(host, one.Device.DevPath);
        else
            Put(table, host, one.Device, one.RealtimeUsec is { } usec ? DateTimeOffset.UnixEpoch.AddMicroseconds(usec) : DateTimeOffset.UtcNow);
    }

    private void Put(FleetTable table, string host, UeventDevice device, DateTimeOffset time)
    {
        if (!IsWanted(device))
            return;
        string state = NameOf(table.Hosts.GetValueOrDefault(host)?.State ?? FleetHostState.Live);
        output.WriteLine($"INSERT INTO inventory VALUES ({Text(host)}, {Text(device.DevPath)}, {Text(device.Driver)}, {Text(time.UtcDateTime.ToString("o", CultureInfo.InvariantCulture))}, {Text(state)}) "
            + "ON CONFLICT (host, devpath) DO UPDATE SET driver = excluded.driver, changed = excluded.changed, host_state = excluded.host_state;");
    }

    private void Delete(string host, string devpath) => output.WriteLine($"DELETE FROM inventory WHERE host = {Text(host)} AND devpath = {Text(devpath)};");

    private bool IsWanted(UeventDevice device) => !onlyVirtualFunctions || device.Links?.ContainsKey("physfn") == true;

    // PostgreSQL has no NUL in a text, and with standard_conforming_strings no other character that ends one than the quote.
    private static string Text(string? text) => text is null ? "NULL" : $"'{text.Replace("'", "''", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal)}'";

    private static string NameOf(FleetHostState state) => char.ToLowerInvariant(state.ToString()[0]) + state.ToString()[1..];
}
