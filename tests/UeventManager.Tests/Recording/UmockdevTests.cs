using System.Text;
using UeventManager.Core.Recording;

namespace UeventManager.Tests.Recording;

/// <summary>Device descriptions become trees and recordings become descriptions, and no file lies outside the tree.</summary>
public sealed class UmockdevTests
{
    private const string Keyboard = """
        P: /devices/pci0000:00/0000:00:1a.0/usb1/1-1/input/input5/event5
        N: input/event5
        S: input/by-id/usb-kbd
        E: DEVLINKS=/dev/input/by-id/usb-kbd
        E: DEVNAME=/dev/input/event5
        E: ID_BUS=usb
        E: MAJOR=13
        E: MINOR=69
        E: SUBSYSTEM=input
        A: dev=13:69\n
        L: device=../../input5

        P: /devices/pci0000:00/0000:00:1a.0/usb1/1-1
        L: 0
        E: DEVTYPE=usb_device
        E: DRIVER=usb
        E: SUBSYSTEM=usb
        A: busnum=1\n
        A: manufacturer=K\303\266nig \"\134\n
        H: descriptors=1201FF
        A: power/control=auto\n
        L: driver=../../../../../bus/usb/drivers/usb
        L: port=../1-0:1.0/port1

        """;

    [Fact]
    public void ADescriptionBecomesATree()
    {
        var reader = UmockdevReader.Read(Encoding.UTF8.GetBytes(Keyboard));
        Assert.Empty(reader.Problems);
        var tree = new DescribedTree(reader.Devices);
        Assert.Empty(tree.Problems);
        var entries = tree.Entries.ToDictionary(entry => entry.Path, entry => entry.Target is { } target ? "-> " + target : entry.Content is { } content ? Encoding.Latin1.GetString(content) : "/");
        const string Usb = "devices/pci0000:00/0000:00:1a.0/usb1/1-1";
        Assert.Equal("DEVTYPE=usb_device\nDRIVER=usb\n", entries[Usb + "/uevent"]);
        Assert.Equal("K\u00c3\u00b6nig \"\\\n", entries[Usb + "/manufacturer"]);
        Assert.Equal("\x12\x01\xff", entries[Usb + "/descriptors"]);
        Assert.Equal(("/", "auto\n"), (entries[Usb + "/power"], entries[Usb + "/power/control"]));
        Assert.Equal("-> ../../../../../bus/usb", entries[Usb + "/subsystem"]);
        Assert.Equal("-> ../../../" + Usb, entries["bus/usb/devices/1-1"]);
        // The kernel's own properties, and udev's not.
        Assert.Equal("DEVNAME=input/event5\nMAJOR=13\nMINOR=69\n", entries[Usb + "/input/input5/event5/uevent"]);
        Assert.Equal("-> ../../../../../../../../class/input", entries[Usb + "/input/input5/event5/subsystem"]);
        // No link of sysfs leads nowhere.
        Assert.Equal(("/", "/"), (entries["bus/usb/drivers/usb"], entries["devices/pci0000:00/0000:00:1a.0/usb1/1-0:1.0/port1"]));
        // Parents come before children.
        var seen = new HashSet<string> { "" };
        Assert.All(tree.Entries, entry => Assert.True(seen.Add(entry.Path) && seen.Contains(entry.Path.LastIndexOf('/') is > 0 and var slash ? entry.Path[..slash] : "")));
    }

    [Theory]
    [InlineData("P: /devices/../../etc\nE: SUBSYSTEM=net\n", "1: a device's path")]
    [InlineData("P: /etc/passwd\nE: SUBSYSTEM=net\n", "1: a device's path")]
    [InlineData("E: A=1\n", "1: a device begins with its path")]
    [InlineData("P: /devices/a\nE: SUBSYSTEM=net\n\nP: /devices/a\nE: SUBSYSTEM=net\n", "4: /devices/a is described a second time")]
    [InlineData("P: /devices/a\nE: SUBSYSTEM=net\nwhat is this?\n", "3: not a line")]
    [InlineData("P: /devices/a\nE: SUBSYSTEM=net\nH: config=ABC\n", "3: its value")]
    [InlineData("P: /devices/a\nE: SUBSYSTEM=net\nH: config=XY\n", "3: its value")]
    [InlineData("P: /devices/a\nE: SUBSYSTEM\n", "2: it has no NAME=VALUE")]
    public void AnInvalidLineIsReportedWithItsNumber(string text, string problem) =>
        Assert.StartsWith(problem, UmockdevReader.Read(Encoding.UTF8.GetBytes(text)).Problems[0], StringComparison.Ordinal);

    [Theory]
    [InlineData("A: ../../../tmp/x=1")]
    [InlineData("A: /etc/passwd=1")]
    [InlineData("A: a//b=1")]
    [InlineData("L: out=../../../../etc")]
    [InlineData("L: out=/etc")]
    [InlineData("L: out=a/../../../../x")]
    [InlineData("L: way=../b\nA: way/in=1")]
    [InlineData("A: file=1\nA: file/below=1")]
    [InlineData("A: file=1\nL: file=../b")]
    public void NothingLeadsOutOfTheTreeOrStandsBehindALink(string line)
    {
        var tree = new DescribedTree(UmockdevReader.Read(Encoding.UTF8.GetBytes($"P: /devices/a\nE: SUBSYSTEM=net\n{line}\n")).Devices);
        Assert.Single(tree.Problems);
        var links = tree.Entries.Where(entry => entry.Target is not null).Select(entry => entry.Path).ToList();
        foreach (var (path, _, target) in tree.Entries)
        {
            Assert.DoesNotContain(path.Split('/'), name => name is "" or "." or "..");
            Assert.DoesNotContain(links, link => path.StartsWith(link + "/", StringComparison.Ordinal));
            Assert.True(target is null || target.Split('/').Count(name => name == "..") <= path.Count(c => c == '/'), $"{path} -> {target}");
        }
    }

    [Fact]
    public void ADeviceBelowALinkOfAnotherIsLeftOut()
    {
        var tree = new DescribedTree(UmockdevReader.Read("P: /devices/a\nE: SUBSYSTEM=net\nL: b=../c\n\nP: /devices/a/b\nE: SUBSYSTEM=net\n"u8).Devices);
        Assert.NotEmpty(tree.Problems);
        Assert.Single(tree.Entries, entry => entry.Path == "devices/a/b");
    }

    [Fact]
    public void AnyDescriptionIsReadToItsEnd()
    {
        var random = new Random(20261130);
        var good = Encoding.UTF8.GetBytes(Keyboard);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = good[..random.Next(good.Length + 1)];
            for (var n = random.Next(8); n > 0 && bytes.Length > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var tree = new DescribedTree(UmockdevReader.Read(bytes).Devices);
            Assert.All(tree.Entries, entry => Assert.DoesNotContain("..", entry.Path.Split('/')));
        }
    }

    [Fact]
    public void ARecordingsTreeIsDescribedAsItEnds()
    {
        var world = new RecordedWorld(new RecordingHeader { Depth = 3 });
        world.Add(new DeviceLine(1, 1, "/devices/a", "net", false, new(1, 1), "INTERFACE=a\nIFINDEX=7", [new("uevent", RecordedKind.Attribute), new("mtu", RecordedKind.Attribute), new("secret", RecordedKind.Attribute),
            new("subsystem", RecordedKind.Link, "/class/net"), new("driver", RecordedKind.Link, "/bus/pci/drivers/x"), new("queues", RecordedKind.Folder), new("queues/rps", RecordedKind.Attribute), new("deep", RecordedKind.Folder)], true));
        world.Add(new DeviceLine(1, 1, "/devices/b", "block", false, new(2, 1), "DEVNAME=sda\nMAJOR=8", [], true));
        world.Add(new DeviceLine(1, 1, "/devices/gone", "block", false, new(3, 1), "", [], true));
        world.Add(new ValueLine(2, 1, "/devices/a", "mtu", "1500", 0, 1));
        world.Add(new NameLine(3, 2, "/devices/a", new("late", RecordedKind.Link, "/devices/b"), true));
        world.Add(new GoneLine(4, 3, "/devices/gone"));
        world.Add(new EndLine(5));
        var writer = new UmockdevWriter(world, (_, _, _) => true);
        Assert.Equal("""
            P: /devices/a
            E: IFINDEX=7
            E: INTERFACE=a
            E: SUBSYSTEM=net
            L: driver=../../bus/pci/drivers/x
            L: late=../b
            A: mtu=1500\n
            A: queues/rps=
            A: secret=

            P: /devices/b
            N: sda
            E: DEVNAME=sda
            E: MAJOR=8
            E: SUBSYSTEM=block


            """, writer.Write());
        Assert.Equal((2, 2, 1), (writer.Devices, writer.Empty, writer.Directories));
    }
}
