using System.Diagnostics;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Fleet;

namespace UeventManager.FleetScale;

/// <summary>What one bridge costs its host: the program itself as a process, at rest and while so many events come as fast as a simulated daemon tells them.</summary>
internal static class BridgeMeasure
{
    /// <summary>Measures, and prints a row.</summary>
    public static async Task RunAsync(string binary, string program, UeventDevice[] all, int events)
    {
        using var broker = new Broker(binary);
        await broker.SetUpAsync(keep: 1024);
        string directory = Directory.CreateTempSubdirectory("fleet-scale-").FullName;
        var daemon = new InMemoryDaemon();
        daemon.Add(all);
        using var socket = new SocketDaemon(daemon, Path.Combine(directory, "socket"));
        using Process bridge = Process.Start(new ProcessStartInfo(program, ["publish", "--server", broker.Url, "--host", "storm", "--socket", Path.Combine(directory, "socket")]) { RedirectStandardError = true })!;
        bridge.ErrorDataReceived += (_, line) => Console.Error.WriteLine($"the bridge: {line.Data}");
        bridge.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var fleet = new FleetClient(new FleetOptions { Server = broker.Url });
        var table = new FleetTable();
        int seen = 0, wrong = 0, gaps = 0;
        var newest = new Dictionary<string, int>(StringComparer.Ordinal);
        table.Changed += (_, change) =>
        {
            gaps += change is FleetGap ? 1 : 0;
            foreach (FleetEvent one in change is FleetEvents { Events: var told } ? told : [])
            {
                if (!one.Event.Device.Properties.TryGetValue("NUMBER", out string? text))
                    continue;
                int number = int.Parse(text, CultureInfo.InvariantCulture);
                wrong += newest.GetValueOrDefault(one.Event.Device.DevPath) >= number ? 1 : 0;
                newest[one.Event.Device.DevPath] = number;
                Interlocked.Increment(ref seen);
            }
        };
        Task follow = table.RunAsync(fleet, null, limit.Token);
        try
        {
            await Waits.UntilAsync(() => table.Devices.Count >= all.Length, limit.Token);
            await Waits.PauseAsync(15_000);
            double cpu = ProcessCost.Cpu(bridge), idle = ProcessCost.Pss(bridge);
            await Waits.PauseAsync(20_000);
            double rest = (ProcessCost.Cpu(bridge) - cpu) / 20 * 100;
            double most = 0;
            using var sampling = new CancellationTokenSource();
            Task samples = Task.Run(async () =>
            {
                while (!sampling.IsCancellationRequested)
                {
                    most = Math.Max(most, ProcessCost.Pss(bridge));
                    await Waits.PauseAsync(50);
                }
            });
            cpu = ProcessCost.Cpu(bridge);
            long begun = Stopwatch.GetTimestamp();
            for (int i = 1; i <= events; i++)
            {
                UeventDevice device = all[i % all.Length];
                daemon.Change(device with { Properties = new Dictionary<string, string>(device.Properties) { ["NUMBER"] = i.ToString(CultureInfo.InvariantCulture) } });
            }
            double told = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            await Waits.UntilAsync(() => Volatile.Read(ref seen) >= events, limit.Token);
            double arrived = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            await sampling.CancelAsync();
            await samples;
            double storm = ProcessCost.Cpu(bridge) - cpu;
            await Waits.PauseAsync(15_000);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"one bridge, {all.Length} devices: {idle:0.0} MiB PSS and {rest:0.00} % of a processor at rest; {events:N0} events told in {told:0.0} s, at the consumer after {arrived:0.0} s ({events / arrived:N0}/s), {wrong} out of order, {gaps} gaps; in the storm at most {most:0.0} MiB PSS, {storm / events * 1e6:0} µs of CPU an event; {ProcessCost.Pss(bridge):0.0} MiB afterwards"));
        }
        finally
        {
            bridge.Kill();
            await bridge.WaitForExitAsync();
            await limit.CancelAsync();
            await follow.ContinueWith(_ => { }, TaskScheduler.Default);
            Directory.Delete(directory, recursive: true);
        }
    }
}
