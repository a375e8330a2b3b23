using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// Real interfaces come, are renamed and go, and subscribers with every kind of filter watch: what each has been told is at every rest what
/// <c>List</c> says with its filter, also when it was away and came back by its cursor.
/// </summary>
public sealed class FilteredReplicaTests
{
    private const int Rounds = 25;
    private const int MaxLinks = 10;

    private static readonly Dictionary<string, object>[] Filters =
    [
        [],
        new() { ["subsystems"] = new[] { "macvtap" } },
        new() { ["subsystems"] = new[] { "!net" } },
        new() { ["devtypes"] = new[] { "bridge", "macvtap" } },
        new() { ["sysnames"] = new[] { "mv*" } },
        new() { ["sysnames"] = new[] { "!mv*", } , ["subsystems"] = new[] { "net" } },
        new() { ["devpaths"] = new[] { "/devices/virtual/net/mv*/**" } },
        new() { ["devpaths"] = new[] { "!/devices/virtual/net/*" } },
        new() { ["properties"] = new Dictionary<string, string> { ["INTERFACE"] = "re*" } },
        new() { ["properties"] = new Dictionary<string, string> { ["INTERFACE"] = "!re*" } },
    ];

    [Fact]
    public void A_rename_of_an_ancestor_reaches_a_subscriber_that_knows_only_the_device()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var taps = Subscription.Open(daemon.SocketPath, new { filter = new { subsystems = new[] { "macvtap" } } }).WaitReady();
        using var names = Subscription.Open(daemon.SocketPath, new { filter = new { sysnames = new[] { "mv*" } } }).WaitReady();
        sandbox.Run("ip link add base0 type veth peer name base1 && ip link add link base0 name mv0 type macvtap").Ok();
        var tap = taps.WaitForEvent(one => one.Action == "add").Device.DevPath;
        names.WaitForEvent(one => one.Is("add", "mv0"));
        sandbox.Run("ip link set mv0 name renamed0").Ok();
        var moved = taps.WaitForEvent(one => one.Action == "move");
        Assert.Equal((tap, tap.Replace("/mv0/", "/renamed0/", StringComparison.Ordinal), true), (moved.OldDevPath, moved.Device.DevPath, moved.Synthetic));
        Assert.Equal("/devices/virtual/net/renamed0", moved.Device.Parent);
        names.WaitForEvent(one => one.IsAt("remove", "/devices/virtual/net/mv0"));
        sandbox.Run("ip link del renamed0").Ok();
        taps.WaitForEvent(one => one.IsAt("remove", moved.Device.DevPath));
        Assert.Empty(taps.Picture);
        Assert.Empty(names.Picture);
    }

    [Fact]
    public void A_filtered_subscribers_devices_equal_those_of_List()
    {
        var random = Seed.Random();
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add base0 type veth peer name base1").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        var all = Filters.Select(filter => new Dictionary<string, object> { ["filter"] = filter }).ToList();
        var subscriptions = all.ConvertAll(parameters => Subscription.Open(daemon.SocketPath, parameters).WaitReady());
        var links = new List<string>();
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                var away = random.Next(Filters.Length);
                subscriptions[away].Leave();
                for (var i = random.Next(1, 5); i > 0; i--)
                    Act(sandbox, links, random);
                subscriptions[away].ComeBack(daemon.SocketPath, all[away]);
                daemon.Call("Settle");
                for (var i = 0; i < all.Count; i++)
                    Same(daemon, subscriptions[i], all[i], $"round {round}, filter {i}");
            }
        }
        finally
        {
            subscriptions.ForEach(subscription => subscription.Dispose());
        }
    }

    // Each change of links is one ip command: the kernel does it at once, and tells of it as it goes.
    private static void Act(Sandbox sandbox, List<string> links, Random random)
    {
        var choice = random.Next(links.Count == 0 ? 3 : links.Count < MaxLinks ? 10 : 7) + (links.Count == 0 ? 7 : 0);
        var name = Name(links, random);
        if (choice >= 7)
        {
            sandbox.Run(random.Next(4) switch
            {
                0 => $"ip link add {name} type bridge",
                1 => $"ip link add {name} type veth peer name p-{name}",
                _ => $"ip link add link base0 name {name} type macvtap",
            }).Ok();
            links.Add(name);
            return;
        }

        var at = random.Next(links.Count);
        if (choice < 2)
        {
            sandbox.Run($"ip link del {links[at]}").Ok();
            links.RemoveAt(at);
            return;
        }

        if (choice == 2)
        {
            sandbox.Run($"echo change > /sys/class/net/{links[at]}/uevent").Ok();
            return;
        }

        sandbox.Run($"ip link set {links[at]} name {name}").Ok();
        links[at] = name;
    }

    private static string Name(List<string> links, Random random)
    {
        while (true)
        {
            var name = $"{(random.Next(2) == 0 ? "mv" : "re")}{random.Next(30)}";
            if (!links.Contains(name))
                return name;
        }
    }

    private static void Same(DaemonProcess daemon, Subscription subscription, Dictionary<string, object> parameters, string what)
    {
        var difference = "";
        bool IsSame()
        {
            var listed = daemon.List(parameters).ToDictionary(device => device.DevPath, device => device.Text, StringComparer.Ordinal);
            var known = subscription.Picture.ToDictionary(one => one.Key, one => one.Value.Text, StringComparer.Ordinal);
            difference = string.Join('\n', listed.Except(known).Select(one => $"List has {one.Key}: {one.Value}").Concat(known.Except(listed).Select(one => $"it knows {one.Key}: {one.Value}")));
            return difference.Length == 0;
        }

        try
        {
            subscription.WaitUntil(IsSame, Deadline.Default, what);
        }
        catch (Exception e) when (difference.Length > 0)
        {
            Assert.Fail($"{what}: {difference}\n{e.Message}");
        }

        Assert.True(subscription.Unfitting.Count == 0, $"{what}: {string.Join('\n', subscription.Unfitting)}");
        Assert.Empty(subscription.Gaps);
    }
}
