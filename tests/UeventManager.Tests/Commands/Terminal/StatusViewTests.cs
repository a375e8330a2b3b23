using UeventManager.Client;
using UeventManager.Commands.Terminal;

namespace UeventManager.Tests.Commands.Terminal;

/// <summary>Status names each waiting device and what it waits for.</summary>
public sealed class StatusViewTests
{
    [Fact]
    public void AWaitingDeviceIsListedWithItsMissingConditionsAndRule() => Assert.Equal(
        ["not settled", "  net:a  for queues/rx-0, address  rule net", "  pci:b  for its turn"],
        StatusView.Waiting([Device("pci", "b"), Device("net", "a", "net", "queues/rx-0", "address")], Palette.None));

    [Fact]
    public void ACompleteWaitingDeviceIsListedWithWhatHoldsIt() => Assert.Equal(
        ["not settled", "  pci:b  for the group of /devices/pf  rule vf"],
        StatusView.Waiting([Device("pci", "b", "vf")], Palette.None, new Dictionary<string, IReadOnlyList<string>> { ["/devices/b"] = ["the group of /devices/pf"] }));

    [Fact]
    public void MoreThanAScreenIsCounted()
    {
        string[] lines = [.. StatusView.Waiting([.. Enumerable.Range(0, 20).Select(static n => Device("net", $"d{n}"))], Palette.None)];
        Assert.Equal(17, lines.Length);
        Assert.Equal("  and 5 more (ueventctl list --unsettled)", lines[^1]);
    }

    [Fact]
    public void TheSlowestSubsystemsComeFirst()
    {
        DaemonLag[] lags =
        [
            new() { Subsystem = "net", Events = 4, SumUsec = 2_000, P99Usec = 1_000 },
            new() { Subsystem = "pci", Events = 2, SumUsec = 40_000_000 },
            new() { Subsystem = "block", Events = 1, SumUsec = 25_000, P99Usec = 25_000 },
            new() { Subsystem = "tty", Events = 3, SumUsec = 300, P99Usec = 100 },
            new() { Subsystem = "mdev", Events = 3, SumUsec = 900, P99Usec = 1_000 },
            new() { Subsystem = "usb", Events = 1, SumUsec = 90, P99Usec = 100 },
        ];
        Assert.Equal(
            [
                "slowest subsystems", "  SUBSYSTEM  EVENTS  MEAN      99 % WITHIN", "  pci        2       20000 ms  longer", "  block      1       25 ms     25 ms",
                "  net        4       0.5 ms    1 ms", "  mdev       3       0.3 ms    1 ms", "  tty        3       0.1 ms    0.1 ms",
            ],
            StatusView.Slowest(lags, Palette.None));
        Assert.Empty(StatusView.Slowest([], Palette.None));
    }

    // The first thing that an administrator should see: what programs get that listen only to udev.
    [Fact]
    public void How_often_udev_was_too_early_is_said_by_subsystem_the_most_frequent_first()
    {
        DaemonUdevLead[] leads =
        [
            new() { Subsystem = "block", Told = 9, Early = 0 },
            new() { Subsystem = "net", Told = 40, Early = 37, P99Usec = 10_000 },
            new() { Subsystem = "pci", Told = 100, Early = 90 },
        ];
        Assert.Equal(
            ["new devices that udev announced before they were complete", "  pci  90 of 100 too early  some much later", "  net  37 of 40 too early   99 % complete within 10 ms"],
            StatusView.Early(leads, Palette.None));
        Assert.Equal(["udev announced 9 new devices, none of them before it was complete"], StatusView.Early(leads[..1], Palette.None));
        Assert.Empty(StatusView.Early([], Palette.None));
    }

    [Fact]
    public void TroublesSayWhatToDoAndAreSilentOtherwise()
    {
        Assert.Empty(StatusView.Troubles(Status([]), Palette.None));
        Assert.Equal(
            ["  2 times the kernel's buffer was full, 70 uevents lost (a larger --receive-buffer)", "  1 read of attributes blocked in a driver (listed below)"],
            StatusView.Troubles(Status(new() { ["overruns"] = 2, ["lost"] = 70, ["stuckReads"] = 1 }), Palette.None));
        Assert.Equal(
            ["  1 time the kernel's buffer was full, 1 uevent lost (a larger --receive-buffer)", "  3 looks too late, by up to 70 ms, because too many devices wait at once"],
            StatusView.Troubles(Status(new() { ["overruns"] = 1, ["lost"] = 1, ["looksTooLate"] = 3, ["looksDeferred"] = 9, ["worstLookLagUsec"] = 70_400 }), Palette.None));
    }

    [Fact]
    public void LooksThatWereALittleLateAreNoTrouble() =>
        Assert.Empty(StatusView.Troubles(Status(new() { ["looksDeferred"] = 9, ["worstLookLagUsec"] = 3_000 }), Palette.None));

    private static DaemonStatus Status(Dictionary<string, long> counters) => new()
    {
        Version = "1",
        StartedUsec = 0,
        Devices = 0,
        Waiting = 0,
        Held = 0,
        Rules = 0,
        Counters = counters,
        Subscribers = [],
    };

    private static UeventDevice Device(string subsystem, string name, string? rule = null, params string[] missing) => new()
    {
        DevPath = $"/devices/{name}",
        Subsystem = subsystem,
        SysName = name,
        Settled = false,
        Rule = rule,
        Missing = missing,
        Properties = new Dictionary<string, string>(),
    };
}
