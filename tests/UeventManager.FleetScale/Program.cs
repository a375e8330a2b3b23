// What a fleet costs a broker and its consumers, on this machine: hosts simulated behind the daemon's protocol, the bridge's own code for each, a real broker.
// Arguments: the broker's binary, devices of each host, then the numbers of hosts. Everything has an end: of each step at the latest after five minutes.
using System.Diagnostics;
using System.Globalization;
using NATS.Client.JetStream;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Fleet;
using UeventManager.FleetScale;
using UeventManager.Nats.Bridge;

int devices = int.Parse(args[1], CultureInfo.InvariantCulture);
Console.WriteLine("| hosts | devices | state published: messages/s | broker: disk MiB | PSS MiB | CPU % at rest | state to a consumer: s | devices/s | changes to a consumer: /s | of that, broker's CPU µs each |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
foreach (int hosts in args[2..].Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
    await MeasureAsync(args[0], hosts, devices).WaitAsync(TimeSpan.FromMinutes(15));

// What is measured is a time at rest, or whether everything has come.
static async Task PauseAsync(int milliseconds)
{
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
    await timer.WaitForNextTickAsync();
}

static async Task MeasureAsync(string binary, int hosts, int devices)
{
    using var broker = new Broker(binary);
    using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
    var options = new FleetOptions { Server = broker.Url, Timeout = TimeSpan.FromSeconds(60) };
    await using (var nats = options.NewConnection(reconnects: true))
    {
        await nats.ConnectAsync();
        await new NatsJSContext(nats).CreateStreamAsync(new FleetStream().ToConfig());
    }
    // All hosts have the same devices, as the objects that they are.
    UeventDevice[] all = [.. Enumerable.Range(0, devices).Select(number => InMemoryDaemon.Device(
        $"/devices/pci0000:{number / 64:x2}/0000:{number / 64:x2}:{number % 64 / 8:x2}.{number % 8}", "pci", ("PCI_CLASS", "20000"), ("PCI_ID", "8086:1889"), ("PCI_SUBSYS_ID", "8086:0000"),
        ("PCI_SLOT_NAME", $"0000:{number / 64:x2}:{number % 64 / 8:x2}.{number % 8}"), ("MODALIAS", "pci:v00008086d00001889sv00008086sd00000000bc02sc00i00"), ("DRIVER", "vfio-pci")))];
    InMemoryDaemon[] daemons = [.. Enumerable.Range(0, hosts).Select(_ => new InMemoryDaemon())];
    foreach (InMemoryDaemon daemon in daemons)
        daemon.Add(all);
    using var ending = new CancellationTokenSource();
    long begun = Stopwatch.GetTimestamp();
    Task[] bridges = [.. daemons.Select((daemon, number) => new HostBridge(new BridgeOptions
    {
        Broker = options with { Name = $"host{number}" },
        Host = $"host{number}",
        Connect = _ => Task.FromResult(daemon.Connect()),
        Say = text =>
        {
            if (!text.StartsWith("speaking", StringComparison.Ordinal))
                Console.Error.WriteLine($"host{number}: {text}");
        },
    }).RunAsync(ending.Token))];
    await using var fleet = new FleetClient(options);
    var table = new FleetTable();
    long changes = 0;
    table.Changed += (_, change) => changes += change is FleetEvents { Events: var events } ? events.Count : 0;
    Task follow = table.RunAsync(fleet, null, limit.Token);
    while (table.Devices.Count < hosts * devices && !limit.IsCancellationRequested)
        await PauseAsync(50);
    double published = Stopwatch.GetElapsedTime(begun).TotalSeconds;

    await PauseAsync(5000);
    double cpu = broker.Cpu;
    await PauseAsync(10_000);
    double rest = (broker.Cpu - cpu) * 10;

    begun = Stopwatch.GetTimestamp();
    await using (var other = new FleetClient(options))
        _ = (await other.ListAsync(null, limit.Token)).Devices.Count;
    double state = Stopwatch.GetElapsedTime(begun).TotalSeconds;

    // So many changes at once on all hosts together, until the one consumer has them all.
    int each = Math.Max(10, 20_000 / hosts);
    (changes, cpu) = (0, broker.Cpu);
    begun = Stopwatch.GetTimestamp();
    Parallel.For(0, hosts, host =>
    {
        for (int i = 0; i < each; i++)
            daemons[host].Change(all[i % devices]);
    });
    while (Interlocked.Read(ref changes) < (long)each * hosts && !limit.IsCancellationRequested)
        await PauseAsync(20);
    double changed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
    double each1 = (broker.Cpu - cpu) * 1e6 / (each * (double)hosts);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {hosts:N0} | {hosts * devices:N0} | {hosts * devices / published:N0} | {broker.Disk:N0} | {broker.Pss:N0} | {rest:0.0} | {state:0.00} | {hosts * devices / state:N0} | {each * hosts / changed:N0} | {each1:0} |"));
    await ending.CancelAsync();
    await limit.CancelAsync();
    await Task.WhenAll(bridges.Append(follow)).ContinueWith(_ => { }, TaskScheduler.Default);
}
