using System.Diagnostics;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Fleet;
using UeventManager.Nats.Bridge;

namespace UeventManager.FleetScale;

/// <summary>A fleet at a real broker: hosts simulated behind the daemon's protocol, the bridge's own code for each.</summary>
internal static class FleetMeasure
{
    private const int Changes = 20_000;

    /// <summary>The head of the table of which each run prints a row.</summary>
    public const string Head = """
        | hosts | devices of each | state published: messages/s | broker: disk MiB | PSS MiB | CPU % at rest | state to a consumer: s | devices/s | to consumers at once, s each | changes to a consumer: /s | to each of them: /s | broker's CPU for each change: µs |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        """;

    /// <summary>Measures, and prints a row.</summary>
    public static async Task RunAsync(string binary, int hosts, UeventDevice[] all, int consumers)
    {
        using var broker = new Broker(binary);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        var options = new FleetOptions { Server = broker.Url, Timeout = TimeSpan.FromSeconds(60) };
        await broker.SetUpAsync();
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
            Say = text => Say(number, text),
        }).RunAsync(ending.Token))];
        await using var fleet = new FleetClient(options);
        var table = new FleetTable();
        long changes = 0;
        table.Changed += (_, change) => changes += change is FleetEvents { Events: var events } ? events.Count : 0;
        Task follow = table.RunAsync(fleet, null, limit.Token);
        await Waits.UntilAsync(() => table.Devices.Count >= hosts * all.Length, limit.Token);
        double published = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await Waits.PauseAsync(10_000);
        double cpu = broker.Cpu;
        await Waits.PauseAsync(20_000);
        double rest = (broker.Cpu - cpu) / 20 * 100;
        double state = await StateAsync(options, 1, limit.Token), states = await StateAsync(options, consumers, limit.Token);

        // So many changes on all hosts together, until the one consumer has them all.
        int each = Math.Max(10, Changes / hosts);
        (changes, cpu) = (0, broker.Cpu);
        begun = Stopwatch.GetTimestamp();
        Change(daemons, all, each);
        await Waits.UntilAsync(() => Interlocked.Read(ref changes) >= (long)each * hosts, limit.Token);
        double changed = Stopwatch.GetElapsedTime(begun).TotalSeconds, micros = (broker.Cpu - cpu) * 1e6 / (each * (double)hosts);
        double crowd = await CrowdAsync(options, consumers, () => Change(daemons, all, each), (long)each * hosts, limit.Token);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {hosts:N0} | {all.Length} | {hosts * all.Length / published:N0} | {broker.Disk:N0} | {broker.Pss:N0} | {rest:0.0} | {state:0.00} | {hosts * all.Length / state:N0} | {consumers}: {states:0.00} | {each * hosts / changed:N0} | {consumers}: {each * hosts / crowd:N0} | {micros:0} |"));
        await ending.CancelAsync();
        await limit.CancelAsync();
        await Task.WhenAll(bridges.Append(follow)).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static void Say(int host, string text)
    {
        if (!text.StartsWith("speaking", StringComparison.Ordinal))
            Console.Error.WriteLine($"host{host}: {text}");
    }

    private static void Change(InMemoryDaemon[] daemons, UeventDevice[] all, int each) => Parallel.For(0, daemons.Length, host =>
    {
        for (int i = 0; i < each; i++)
            daemons[host].Change(all[i % all.Length]);
    });

    // How long each of so many new consumers needs for the state, all at once.
    private static async Task<double> StateAsync(FleetOptions options, int consumers, CancellationToken limit)
    {
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, consumers).Select(async _ =>
        {
            await using var fleet = new FleetClient(options);
            await fleet.ListAsync(null, limit);
        }));
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    // How long until so many consumers have all changes.
    private static async Task<double> CrowdAsync(FleetOptions options, int consumers, Action change, long expected, CancellationToken limit)
    {
        long[] seen = new long[consumers];
        int ready = 0;
        Task[] follow = [.. Enumerable.Range(0, consumers).Select(async number =>
        {
            await using var fleet = new FleetClient(options);
            await foreach (FleetChange one in fleet.SubscribeAsync(null, limit))
            {
                if (one is FleetState)
                    Interlocked.Increment(ref ready);
                else if (one is FleetEvents { Events: var events } && Interlocked.Add(ref seen[number], events.Count) >= expected)
                    return;
            }
        })];
        await Waits.UntilAsync(() => Volatile.Read(ref ready) >= consumers, limit);
        long begun = Stopwatch.GetTimestamp();
        change();
        await Task.WhenAll(follow);
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
