using UeventManager.Client;

await using var client = await UeventClient.ConnectAsync();
await foreach (var change in client.SubscribeAsync(new DeviceFilter { Subsystems = ["net"] }))
    if (change is EventsChange { Events: var events })  // StateChange: what was there before
        foreach (var one in events)
            Console.WriteLine($"{one.Action} {one.Device.DevPath}");
