// Keeps a table of PostgreSQL that has the virtual functions of a fleet, by statements for psql:
//
//   dotnet run -- nats://127.0.0.1:4222 | psql --quiet --set ON_ERROR_STOP=1 fleet
//   psql fleet -c "SELECT host, count(*) FROM inventory WHERE driver = 'vfio-pci' AND host_state = 'live' GROUP BY host"
//
// What a host announced together is one transaction there too. A virtual function is a PCI device with a link `physfn`; with another subsystem as the
// second argument every device of it is in the table.
using Microsoft.Extensions.DependencyInjection;
using NATS.Client.Core;
using UeventManager.Client;
using UeventManager.Fleet;

if (args is ["--help" or "-h", ..])
{
    Console.WriteLine("usage: FleetExport [SERVER [SUBSYSTEM]]   statements that keep a table of PostgreSQL; nats://127.0.0.1:4222 and virtual functions by default");
    return 0;
}
string subsystem = args.Length > 1 ? args[1] : "pci";
var services = new ServiceCollection();
services.AddUeventFleet(new FleetOptions { Server = args.Length > 0 ? args[0] : "nats://127.0.0.1:4222", Timeout = TimeSpan.FromSeconds(30) });
await using ServiceProvider provider = services.BuildServiceProvider();

using var ending = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    ending.Cancel();
};
var table = provider.GetRequiredService<FleetTable>();
var statements = new Statements(Console.Out, subsystem == "pci");
table.Changed += (_, change) => statements.Write(table, change);
try
{
    await table.RunAsync(provider.GetRequiredService<FleetClient>(), new FleetSubscribeOptions { Filter = new DeviceFilter { Subsystems = [subsystem] } }, ending.Token);
}
catch (OperationCanceledException)
{
    return 0;
}
catch (NatsException e)
{
    Console.Error.WriteLine($"FleetExport: {e.Message}");
}
return 1;
