using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Fleet;
using UeventManager.KernelTests.Harness;
using UeventManager.Nats.Bridge;

namespace UeventManager.KernelTests.Fleet;

/// <summary>The samples for a fleet show what a real broker has: as CSV, and as a table that a database keeps.</summary>
public sealed class FleetSampleTests
{
    private const string Host = "it's";

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task The_inventory_and_the_exported_table_follow_the_virtual_functions(string suite)
    {
        Requires.Tools("python3");
        using var broker = LocalBroker.Start(suite);
        var daemon = new InMemoryDaemon();
        using var ending = new CancellationTokenSource();
        var bridge = new HostBridge(new BridgeOptions
        {
            Broker = new FleetOptions { Server = broker.Url },
            Host = Host,
            Boot = Guid.NewGuid().ToString(),
            Beat = TimeSpan.FromMinutes(1),
            Connect = _ => Task.FromResult(daemon.Connect()),
            Say = static _ => { },
        }).RunAsync(ending.Token);
        daemon.Add(Function("vf0", null), InMemoryDaemon.Device("/devices/pf", "pci"));
        Eventually.Holds(() => broker.Command(["list", "--json"]).Output.Contains("vf0", StringComparison.Ordinal), Deadline.Seconds(60), "the first is there");
        using var inventory = RunningProcess.Start(SampleTests.Built("FleetInventory"), [broker.Url]);
        using var export = RunningProcess.Start(SampleTests.Built("FleetExport"), [broker.Url]);
        inventory.WaitForLine(line => line.EndsWith(",there,/devices/vf0,,Live", StringComparison.Ordinal), Deadline.Seconds(60), "what is there");
        export.WaitForLine(line => line == "COMMIT;", Deadline.Seconds(60), "what is there");

        daemon.Add(Function("vf1", "vfio-pci"), Function("vf2", null));
        daemon.Change(Function("vf0", "mlx'5"));
        daemon.Remove("/devices/vf2");
        inventory.WaitForLine(line => line.EndsWith(",remove,/devices/vf2,,Live", StringComparison.Ordinal), Deadline.Seconds(60), "the remove");
        await ending.CancelAsync();
        await bridge;
        inventory.WaitForLine(line => line.EndsWith(",host,,,Stopped", StringComparison.Ordinal), Deadline.Seconds(60), "the end");
        export.WaitForLine(line => line.StartsWith("UPDATE inventory SET host_state = 'stopped'", StringComparison.Ordinal), Deadline.Seconds(60), "the end");

        Assert.DoesNotContain(inventory.Lines, line => line.Contains("/devices/pf", StringComparison.Ordinal));
        Assert.Contains(inventory.Lines, line => line.EndsWith(",it's,add,/devices/vf1,vfio-pci,Live", StringComparison.Ordinal));
        using var database = RunningProcess.Start(Requires.Tool("python3"), ["-c", "import sqlite3, sys; d = sqlite3.connect(':memory:', isolation_level=None); d.executescript(sys.argv[1]); [print(*row) for row in d.execute('SELECT host, devpath, driver, host_state FROM inventory ORDER BY devpath')]", string.Join('\n', export.Lines)]);
        Assert.Equal((0, ""), (database.WaitForExit(Deadline.Default), database.Error));
        Assert.Equal("it's /devices/vf0 mlx'5 stopped\nit's /devices/vf1 vfio-pci stopped\n", database.Output);
    }

    [Theory]
    [InlineData("FleetInventory")]
    [InlineData("FleetExport")]
    public void A_broker_that_is_away_is_one_line(string sample)
    {
        using var process = RunningProcess.Start(SampleTests.Built(sample), ["nats://127.0.0.1:1"]);
        Assert.Equal(1, process.WaitForExit(Deadline.Seconds(30)));
        Assert.Single(process.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{sample}: ", process.Error, StringComparison.Ordinal);
    }

    private static UeventDevice Function(string name, string? driver) =>
        InMemoryDaemon.Device($"/devices/{name}", "pci") with { Driver = driver, Links = new Dictionary<string, string> { ["physfn"] = "/devices/pf" } };
}
