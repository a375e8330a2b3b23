// Keeps a list of node devices as libvirt's node device driver does, and prints what virConnectNodeDeviceEventLifecycle would say.
// It reads no sysfs, sleeps nowhere and asks nothing twice: what it needs of a device comes with the event.
using NodeDevices;
using UeventManager.Client;

const string Usage = """
    NodeDevices [SOCKET]
    Prints a line for each node device that is created, updated or deleted, until Ctrl-C. It waits for the daemon.
      SOCKET  the daemon's socket (default: the one that ueventctl finds)
    """;

if (args is ["-h" or "--help", ..])
{
    Console.WriteLine(Usage);
    return 0;
}
if (args.Length > 1 || args is [['-', ..]])
{
    Console.Error.WriteLine(Usage);
    return 2;
}
using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stopping.Cancel();
};
var list = new NodeDeviceList(Console.WriteLine);
var table = new DeviceTable();
table.Changed += (_, changed) => list.Apply(changed.Differences);
var options = new SubscribeOptions
{
    WaitForDaemon = true,
    Reconnecting = r => Console.Error.WriteLine($"{r.Reason.Message}; attempt {r.Attempt} in {r.Delay.TotalSeconds:0.0} s"),
};
try
{
    await using UeventClient client = UeventClient.Of(args.FirstOrDefault());
    await table.RunAsync(client, NodeDeviceList.Wanted, options, stopping.Token);
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Ctrl-C.
}
catch (VarlinkErrorException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
return 0;
