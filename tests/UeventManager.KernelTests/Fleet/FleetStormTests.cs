using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>100,000 events at one host, with a real daemon, bridge and broker: `make fleet-storm` runs it and prints what it cost.</summary>
public sealed class FleetStormTests
{
    private const int Events = 100_000;
    private const int Devices = 400;

    [Fact(Explicit = true)]
    public void A_storm_reaches_the_consumer_in_order_and_delays_no_other_subscriber()
    {
        var alone = Storm(hasBridge: false);
        var with = Storm(hasBridge: true);
        // Another subscriber of the daemon, whose device changes meanwhile, waits no longer than without a bridge, but for the processors that all of them share.
        Assert.True(with.Slowest < TimeSpan.FromSeconds(2) + (3 * alone.Slowest), $"{with.Slowest} with a bridge, {alone.Slowest} without");
    }

    private static (TimeSpan Slowest, TimeSpan Median) Storm(bool hasBridge)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, Devices).Select(i => sysfs.AddDevice($"/devices/virtual/storm/s{i}", "storm")).ToList();
        var probe = sysfs.AddDevice("/devices/virtual/probe/p0", "probe");
        using var server = hasBridge ? NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Setup = ["--keep", "1024"] }) : null;
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bridge = hasBridge ? FleetCommand.Publish(sandbox, daemon, "storm", "--heartbeat", "10s") : null;
        using var monitor = hasBridge ? FleetCommand.Start(sandbox, ["monitor", "--json", "--filter", "subsystem=storm"]) : null;
        using var other = daemon.Subscribe(new { stateless = true, filter = new { subsystems = new[] { "probe" } } });
        using var injector = new UeventInjector(sandbox);
        if (hasBridge)
        {
            FleetCommand.Agree(sandbox, daemon, "storm", "the state");
            Eventually.Holds(
                () =>
                {
                    injector.Send("change", devices[0]);
                    return monitor!.Lines.Count > 0;
                },
                Deadline.Seconds(60),
                "the consumer has begun");
        }
        var idle = bridge is null ? 0 : Pss(bridge);
        double most = 0;
        var waits = new List<TimeSpan>();
        var begun = Stopwatch.GetTimestamp();
        for (var i = 1; i <= Events; i++)
        {
            injector.Send("change", devices[i % Devices], $"NUMBER={i}");
            if (i % 1000 != 0)
                continue;
            var sent = Stopwatch.GetTimestamp();
            injector.Send("change", probe, $"NUMBER={i}");
            other.WaitForEvent(one => one.Device.Property("NUMBER") == $"{i}", Deadline.Seconds(60));
            waits.Add(Stopwatch.GetElapsedTime(sent));
            most = Math.Max(most, bridge is null ? 0 : Pss(bridge));
        }
        var told = Stopwatch.GetElapsedTime(begun);
        waits.Sort();
        if (hasBridge)
        {
            Eventually.Holds(
                () =>
                {
                    most = Math.Max(most, Pss(bridge!));
                    return monitor!.Lines.Count > 0 && monitor.Lines[^1].Contains($"\"NUMBER\":\"{Events}\"", StringComparison.Ordinal);
                },
                Deadline.Seconds(180),
                "the last one is at the consumer");
            var events = monitor!.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
            var numbers = events.Where(one => one.TryGetProperty("seqnum", out _)).Select(one => one.GetProperty("device").GetProperty("properties"))
                .Where(properties => properties.TryGetProperty("NUMBER", out _)).Select(properties => int.Parse(properties.GetProperty("NUMBER").GetString()!, CultureInfo.InvariantCulture)).ToList();
            var gaps = events.Count(one => one.TryGetProperty("gap", out _));
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{numbers.Count:N0} of {Events:N0} events at the consumer, {gaps} gaps, after {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s; the bridge: {idle:0.0} MiB PSS before, at most {most:0.0}"));
            Assert.Equal(numbers.Order(), numbers);
            Assert.True(numbers.Count == Events || gaps > 0, $"{numbers.Count} events and no gap");
            FleetCommand.Agree(sandbox, daemon, "storm", "the state afterwards");
        }
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(hasBridge ? "with" : "without")} a bridge: {Events:N0} events sent in {told.TotalSeconds:0.0} s; another subscriber waited {waits[waits.Count / 2].TotalMilliseconds:0.0} ms in the median, at most {waits[^1].TotalMilliseconds:0.0}"));
        return (waits[^1], waits[waits.Count / 2]);
    }

    private static double Pss(RunningProcess process) => File.ReadLines($"/proc/{process.Pid}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).First();
}
