// Keeps a list of node devices as libvirt's node device driver does, and prints what virConnectNodeDeviceEventLifecycle would say:
// NodeDevices SOCKET. It reads no sysfs, sleeps nowhere and asks nothing twice: what it needs of a device comes with the event.
using NodeDevices;
using UeventManager.Client;

if (args is not [var socket])
{
    Console.Error.WriteLine("NodeDevices SOCKET");
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
try
{
    await using UeventClient client = UeventClient.Of(socket);
    await table.RunAsync(client, NodeDeviceList.Wanted, new SubscribeOptions { WaitForDaemon = true }, stopping.Token);
}
catch (OperationCanceledException)
{
    // Ctrl-C.
}
return 0;
