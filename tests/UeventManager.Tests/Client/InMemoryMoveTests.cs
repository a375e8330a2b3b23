using UeventManager.Client;
using UeventManager.Client.Testing;

namespace UeventManager.Tests.Client;

/// <summary>
/// Over any rename a filtered subscriber knows what <c>List</c> returns with its filter, with <c>DeviceTable</c> and the in-memory daemon.
/// </summary>
public sealed class InMemoryMoveTests
{
    private const string Net = "/devices/virtual/net/";
    private readonly CancellationToken _deadline = TestDeadline.Start();
    private readonly InMemoryDaemon _daemon = new();

    public static TheoryData<string> Filters => ["all", "macvtap", "mv", "below", "notNet", "level"];

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task ATableIsWhatListSays(string name)
    {
        DeviceFilter? filter = FilterOf(name);
        await using UeventClient client = _daemon.CreateClient();
        var table = new DeviceTable();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_deadline);
        Task running = table.RunAsync(client, filter, new SubscribeOptions { FirstDelay = TimeSpan.FromMilliseconds(1) }, stop.Token);
        await table.Ready;
        _daemon.Add(Device("mv0", "net", 1));
        _daemon.Add(Device("mv0/tap5", "macvtap", 2), Device("mv0/d1", "net", 1));
        _daemon.Add(Device("mv0/d1/tap9", "macvtap", 1));
        await SameAsync(table, client, filter);
        foreach (var (from, to) in new[] { ("mv0", "renamed0"), ("renamed0/d1", "renamed0/mv2"), ("renamed0", "mv3"), ("mv3/mv2", "mv4") })
        {
            _daemon.Move(Net + from, Device(to, "net", 3 - (to.Length % 3)));
            await SameAsync(table, client, filter);
            // By the cursor over a rename.
            _daemon.Disconnect();
            _daemon.Move(Net + to, Device(to + "x", "net", 1));
            _daemon.Move(Net + to + "x", Device(to, "net", 2));
            await SameAsync(table, client, filter);
        }
        _daemon.Change(Device("mv4/tap9", "macvtap", 2));
        _daemon.Remove(Net + "mv4/tap9");
        _daemon.Remove(Net + "mv4");
        await SameAsync(table, client, filter);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task ADeviceThatLeavesTheFilterIsRemovedAtItsOldPath()
    {
        await using UeventClient client = _daemon.CreateClient();
        _daemon.Add(Device("mv0", "net", 1));
        _daemon.Add(Device("mv0/tap5", "macvtap", 1));
        await using IAsyncEnumerator<Change> changes =
            client.SubscribeAsync(new DeviceFilter { SysNames = ["mv*", "tap*"] }, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        await changes.MoveNextAsync();
        _daemon.Move(Net + "mv0", Device("renamed0", "net", 1));
        await changes.MoveNextAsync();
        Assert.Equal(
            [$"move {Net}renamed0/tap5 {Net}mv0/tap5", $"remove {Net}mv0 "],
            ((EventsChange)changes.Current).Events.Select(e => $"{e.Action} {e.Device.DevPath} {e.OldDevPath}"));
    }

    private static DeviceFilter? FilterOf(string name) => name switch
    {
        "macvtap" => new DeviceFilter { Subsystems = ["macvtap"] },
        "mv" => new DeviceFilter { SysNames = ["mv*"] },
        "below" => new DeviceFilter { DevPaths = [Net + "mv*/**"] },
        "notNet" => new DeviceFilter { Subsystems = ["!net"], DevPaths = ["!" + Net + "renamed0/*"] },
        "level" => new DeviceFilter { Properties = new Dictionary<string, string> { ["LEVEL"] = "1" } },
        _ => null,
    };

    private static UeventDevice Device(string path, string subsystem, int level)
    {
        string parent = path.Contains('/', StringComparison.Ordinal) ? Net + path[..path.LastIndexOf('/')] : "";
        return InMemoryDaemon.Device(Net + path, subsystem, ("LEVEL", $"{level}")) with { Parent = parent.Length == 0 ? null : parent };
    }

    private async Task SameAsync(DeviceTable table, UeventClient client, DeviceFilter? filter)
    {
        while (true)
        {
            string[] listed = [.. (await client.ListAsync(filter, cancellationToken: _deadline)).Devices.Select(Text).Order(StringComparer.Ordinal)];
            string[] known = [.. table.Devices.Values.Select(Text).Order(StringComparer.Ordinal)];
            if (listed.SequenceEqual(known))
                return;
            Assert.False(_deadline.IsCancellationRequested, $"List has\n{string.Join('\n', listed)}\nand the table\n{string.Join('\n', known)}");
            await Task.Yield();
        }
    }

    private static string Text(UeventDevice device) =>
        $"{device.DevPath} {device.SysName} below {device.Parent} {string.Join(' ', device.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"))}";
}
