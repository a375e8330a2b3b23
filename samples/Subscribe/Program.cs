// Prints the state and then every event.
using UeventManager.Client;

const string Usage = """
    Subscribe [SOCKET] [SUBSYSTEM…]
    Prints how many devices there are, and then every event, until Ctrl-C.
      SOCKET     the daemon's socket, with a slash in it (default: the one that ueventctl finds)
      SUBSYSTEM  as net or block; without one all devices
    """;

if (args is ["-h" or "--help", ..])
{
    Console.WriteLine(Usage);
    return 0;
}
if (args.Any(arg => arg.StartsWith('-')))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
string? socket = args is [var first, ..] && first.Contains('/') ? first : null;
string[] subsystems = args[(socket is null ? 0 : 1)..];
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
                Console.WriteLine($"{one.Action} {one.Device.Subsystem} {one.Device.DevPath}{(one.Device.Settled ? "" : " (not settled)")}");
    }
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Ctrl-C.
}
catch (DaemonUnreachableException e)
{
    Console.Error.WriteLine(e.Message);
    return 4;
}
catch (VarlinkErrorException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
return 0;
