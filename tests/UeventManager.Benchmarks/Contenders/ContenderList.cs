namespace UeventManager.Benchmarks.Contenders;

/// <summary>Those compared.</summary>
internal sealed class ContenderList(Place place)
{
    private const string ForwarderSocket = $"{Place.Scratch}/forwarder";
    private const string RunUdev = $"{Place.Scratch}/udev";
    private const string PassingRules = $"{Place.Scratch}/passing";
    private const string LookingRules = $"{Place.Scratch}/looking";

    /// <summary>A bare group-1 reader in the probe itself: the limit.</summary>
    public Contender Bare { get; } = new("bare reader", "kernel", []);

    /// <summary>What the work costs without a guarantee.</summary>
    public Contender MinimalC { get; } = new("minimal C forwarder", $"unix:{ForwarderSocket}", [place.Forwarder, ForwarderSocket]);

    public Contender UdevNone { get; } = new("udevd, no rules", "udev", [place.UdevdScript, place.UdevTree, "none"]) { IsUdev = true };

    public Contender UdevDefault { get; } = new("udevd, default rules", "udev", [place.UdevdScript, place.UdevTree, "rules"]) { IsUdev = true, IsSlow = true };

    /// <summary>This daemon with its shipped rules, but for that of interfaces: its own lets a change pass without a look.</summary>
    public Contender Daemon { get; } = DaemonWith(place, "UeventManager", [place.Rules, PassingRules]);

    /// <summary>This daemon with its shipped rules: at a change of an interface the three links that they attach are read.</summary>
    public Contender Shipped { get; } = DaemonWith(place, "UeventManager, shipped rules", [place.Rules]);

    /// <summary>This daemon with a rule that has every change looked at.</summary>
    public Contender Looking { get; } = DaemonWith(place, "UeventManager, each event looked at", [LookingRules]);

    /// <summary>What a client of libudev gets of this daemon's events; its CPU is the forwarder's alone.</summary>
    public Contender Forwarded => new("UeventManager, forwarded to libudev", "udev", [place.Ueventctl, "forward", "--socket", Daemon.Socket!, "--run-udev", RunUdev]) { Behind = Daemon, RunUdev = RunUdev };

    /// <summary>Into how many namespaces <c>forward</c> is measured.</summary>
    public static IReadOnlyList<int> NamespaceCounts { get; } = [1, 10, 100];

    /// <summary>The same events in network namespaces of their own, and udevd, whose own is one.</summary>
    public IReadOnlyList<(Contender Contender, int Count)> Namespaces => [(UdevNone, 1), (UdevDefault, 1), .. NamespaceCounts.Select(count => (ForwardedTo(count), count))];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Contender> All => [Bare, MinimalC, UdevNone, UdevDefault, Daemon, Shipped, Looking, Forwarded];

    /// <summary>This daemon's events in some of the network namespaces that the benchmark makes.</summary>
    public Contender ForwardedTo(int namespaces) => new(
        $"forward, {namespaces} namespace{(namespaces == 1 ? "" : "s")}",
        "udev",
        [place.Ueventctl, "forward", "--socket", Daemon.Socket!, "--run-udev", RunUdev, .. Enumerable.Range(0, namespaces).SelectMany(i => new[] { "--netns", $"{Place.Namespaces}/{i}" })])
    { Behind = Daemon, RunUdev = RunUdev };

    /// <summary>This daemon with any rules and any tree.</summary>
    public static Contender DaemonWith(Place place, string name, IEnumerable<string> rules, string? sysfs = null)
    {
        const string Socket = $"{Place.Scratch}/socket";
        string[] tree = sysfs is null ? [] : ["--sysfs", sysfs];
        return new Contender(name, $"varlink:{Socket}", [place.Ueventctl, "daemon", "--socket", Socket, .. rules.SelectMany(r => new[] { "--rules", r }), .. tree]) { Socket = Socket };
    }

    /// <summary>Writes the rules that are not shipped.</summary>
    public static void WriteRules()
    {
        // A file of the same name in a later directory is read instead.
        Directory.CreateDirectory(PassingRules);
        File.WriteAllText($"{PassingRules}/60-net.yaml", """
            version: 1
            subsystem: net
            rules:
              - name: not-looked-at
                on: [add]
                wait:
                  - exists: queues/tx-0
            """);
        Directory.CreateDirectory(LookingRules);
        File.WriteAllText($"{LookingRules}/net.yaml", """
            version: 1
            subsystem: net
            rules:
              - name: looked-at
                on: [add, change]
                wait:
                  - exists: queues/tx-0
            """);
    }
}
