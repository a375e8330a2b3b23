// Prints the state and then every event: Subscribe SOCKET [SUBSYSTEM…]
using UeventManager.Client;

if (args is not [var socket, .. var subsystems])
{
    Console.Error.WriteLine("Subscribe SOCKET [SUBSYSTEM…]");
    return 2;
}
using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stopping.Cancel();
};
try
{
    await using UeventClient client = await UeventClient.ConnectAsync(socket, stopping.Token);
    var filter = subsystems.Length == 0 ? null : new DeviceFilter { Subsystems = subsystems };
    var options = new SubscribeOptions { Reconnecting = r => Console.Error.WriteLine($"{r.Reason.Message}; attempt {r.Attempt} in {r.Delay.TotalSeconds:0.0} s") };
    await foreach (Change change in client.SubscribeAsync(filter, options, stopping.Token))
    {
        // A state is the whole picture: the first one, or a new one after something was lost.
        if (change is StateChange { Devices: var devices, Gap: var gap })
            Console.WriteLine($"state: {devices.Count} devices{(gap is null ? "" : ", " + gap.Reason)}");
        else if (change is EventsChange { Events: var events })
            foreach (UeventEvent one in events)
                Console.WriteLine($"{one.Action} {one.Device.Subsystem} {one.Device.Devpath}{(one.Device.Settled ? "" : " (not settled)")}");
    }
}
catch (OperationCanceledException)
{
    // Ctrl-C.
}
catch (DaemonUnreachableException e)
{
    Console.Error.WriteLine(e.Message);
    return 4;
}
return 0;
