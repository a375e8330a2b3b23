// What a fleet costs a broker, its consumers and each host, on this machine. Arguments: the broker's binary, the bridge's, devices of each host, how many consumers at
// once, then the numbers of hosts. Everything has an end: a row at the latest after eight minutes.
using System.Globalization;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.FleetScale;

int devices = int.Parse(args[2], CultureInfo.InvariantCulture), consumers = int.Parse(args[3], CultureInfo.InvariantCulture);
// All hosts have the same devices, as the objects that they are.
UeventDevice[] all = [.. Enumerable.Range(0, devices).Select(number => InMemoryDaemon.Device(
    $"/devices/pci0000:{number / 64:x2}/0000:{number / 64:x2}:{number % 64 / 8:x2}.{number % 8}", "pci", ("PCI_CLASS", "20000"), ("PCI_ID", "8086:1889"), ("PCI_SUBSYS_ID", "8086:0000"),
    ("PCI_SLOT_NAME", $"0000:{number / 64:x2}:{number % 64 / 8:x2}.{number % 8}"), ("MODALIAS", "pci:v00008086d00001889sv00008086sd00000000bc02sc00i00"), ("DRIVER", "vfio-pci")))];
await BridgeMeasure.RunAsync(args[0], args[1], all, 100_000);
if (args.Length > 4)
    Console.WriteLine(FleetMeasure.Head);
foreach (int hosts in args[4..].Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
    await FleetMeasure.RunAsync(args[0], hosts, all, consumers).WaitAsync(TimeSpan.FromMinutes(10));
