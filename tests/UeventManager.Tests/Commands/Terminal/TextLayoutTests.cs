using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Commands.Verbs;

namespace UeventManager.Tests.Commands.Terminal;

/// <summary>Without these tables break where a script or a person reads them.</summary>
public sealed class TextLayoutTests
{
    private static readonly UeventDevice Device = new()
    {
        DevPath = "/devices/pci/b",
        Subsystem = "pci",
        SysName = "b",
        Settled = false,
        Missing = ["exists driver", "link iommu_group"],
        Driver = "vfio",
        Properties = new Dictionary<string, string> { ["B"] = "2", ["A"] = "1\n" },
        Links = new Dictionary<string, string> { ["driver"] = "vfio" },
    };

    [Fact]
    public void AListIsAlignedByDevpath() => Assert.Equal(
        [
            "SUBSYSTEM  SYSNAME  STATE      DEVPATH         MISSING",
            "net        veth0    settled    /devices/a",
            "pci        b        unsettled  /devices/pci/b  exists driver, link iommu_group",
        ],
        ListCommand.Table(
            [Device, Device with { DevPath = "/devices/a", Subsystem = "net", SysName = "veth0", Settled = true, Missing = [] }], headed: true));

    [Fact]
    public void ACompleteWaitingDeviceIsListedWithItsReason() => Assert.Equal(
        ["pci  b  unsettled  /devices/pci/b  waits for the add of /devices/pci"],
        ListCommand.Table([Device with { Missing = [] }], headed: false, new Dictionary<string, IReadOnlyList<string>> { ["/devices/pci/b"] = ["the add of /devices/pci"] }));

    [Fact]
    public void AnEmptyListIsEmpty() => Assert.Empty(ListCommand.Table([], headed: false));

    [Fact]
    public void ADeviceIsShownWhole() => Assert.Equal(
        """
        /devices/pci/b
          subsystem  pci
          driver     vfio
          missing    exists driver, link iommu_group
          settled    no
          properties
            A  1\x0a
            B  2
          links
            driver  vfio
        """.Split('\n'),
        InfoCommand.Lines(Device, Palette.None));

    [Fact]
    public void AStatusIsShownWhole() => Assert.Equal(
        """
        version  1.2
        up       9.0 s
        devices  3 announced, 2 waiting, 1 held
        rules    4
        counters (those that are not 0)
          received  12
        reads that a driver blocks
          DEVICE                            ATTRIBUTE     FOR
          /devices/pci0000:00/0000:00:02.0  sriov_numvfs  3.0 s
        subscribers
          PID  UID  QUEUED  BYTES  GAPS  FOR
          7    0    1       100    0     4.5 s
        """.Split('\n'),
        StatusCommand.Lines(
            new DaemonStatus
            {
                Version = "1.2",
                StartedUsec = 1_000_000,
                Devices = 3,
                Waiting = 2,
                Held = 1,
                Rules = 4,
                Counters = new Dictionary<string, long> { ["received"] = 12, ["lost"] = 0 },
                Subscribers = [new DaemonSubscriber { Pid = 7, Uid = 0, QueuedEvents = 1, QueuedBytes = 100, Gaps = 0, SinceUsec = 5_500_000 }],
                StuckReads = [new DaemonStuckRead { DevPath = "/devices/pci0000:00/0000:00:02.0", Attribute = "sriov_numvfs", SinceUsec = 7_000_000 }],
            },
            new EventClock(new FixedTime()),
            Palette.None));

    [Theory]
    [InlineData("/devices/x", "/devices/x")]
    [InlineData("/tmp/tree/sys/class/net/lo", "/sys/class/net/lo")]
    [InlineData("/tmp/tree/sys/devices/x/", "/sys/devices/x")]
    [InlineData("/tmp/tree/dev/sda", "/dev/sda")]
    [InlineData("/tmp/tree/system", "/tmp/tree/system")]
    [InlineData("/sys/class/net/lo", "/sys/class/net/lo")]
    [InlineData("net:lo", "net:lo")]
    [InlineData("nothing-here", "nothing-here")]
    public void ANameIsMadeGoodForTheDaemon(string name, string normal) =>
        Assert.Equal(normal, DeviceName.Normalize(name, new CommonSettings { Sysfs = "/tmp/tree/sys", Dev = "/tmp/tree/dev/" }));

    [Theory]
    [InlineData("moniter", "monitor")]
    [InlineData("mointor", "monitor")]
    [InlineData("lst", "list")]
    [InlineData("nfo", "info")]
    [InlineData("xyzzy", null)]
    public void TheNearestWordIsFound(string word, string? nearest) =>
        Assert.Equal(nearest, Nearest.To(word, ["monitor", "list", "info", "status"]));
}
