// Keeps an inventory of the virtual functions of a fleet, and prints each change of it as a line of CSV:
//
//   dotnet run -- nats://127.0.0.1:4222 [GLOB of subsystems, default pci]
//
// A virtual function is a PCI device with a link `physfn`; with another subsystem every device of it is listed.
using NATS.Client.Core;
using UeventManager.Client;
using UeventManager.Fleet;

if (args is ["--help" or "-h", ..])
{
    Console.WriteLine("usage: FleetInventory [SERVER [SUBSYSTEM]]   the inventory of a fleet as CSV; nats://127.0.0.1:4222 and virtual functions by default");
    return 0;
}
string server = args.Length > 0 ? args[0] : "nats://127.0.0.1:4222";
string subsystem = args.Length > 1 ? args[1] : "pci";
using var ending = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    ending.Cancel();
};

await using var fleet = new FleetClient(new FleetOptions { Server = server, Timeout = TimeSpan.FromSeconds(30) });
var table = new FleetTable();
var lines = new Inventory(Console.Out, subsystem == "pci");
Console.WriteLine("time,host,what,devpath,driver,host_state");
table.Changed += (_, change) => lines.Show(table, change);
try
{
    await table.RunAsync(fleet, new FleetSubscribeOptions { Filter = new DeviceFilter { Subsystems = [subsystem] } }, ending.Token);
}
catch (OperationCanceledException)
{
    return 0;
}
catch (NatsException e)
{
    Console.Error.WriteLine($"FleetInventory: {e.Message}");
}
return 1;
