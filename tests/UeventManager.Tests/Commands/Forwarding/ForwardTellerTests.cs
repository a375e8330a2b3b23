using System.Text;
using UeventManager.Commands.Forwarding;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Tests.Forwarding;
using UeventManager.Udev;

namespace UeventManager.Tests.Commands.Forwarding;

/// <summary>What is written about a device before its message is sent, and what is recorded afterwards, without namespaces.</summary>
public sealed class ForwardTellerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("uem-teller").FullName;
    private readonly List<string> _said = [];
    private readonly ForwardOptions _options;
    private readonly UdevDirectory _udev;
    private ToldFile _told;

    public ForwardTellerTests()
    {
        _options = new ForwardOptions { Places = [], RunUdev = _directory, Sysfs = _directory, Say = _said.Add };
        _udev = UdevDirectory.Open(_directory);
        _told = ToldFile.Open(ToldPath, "");
    }

    private string ToldPath => Path.Combine(_udev.OwnPath, "told");

    public void Dispose()
    {
        _told.Dispose();
        _udev.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void A_storm_allocates_nothing()
    {
        var teller = Started();
        var add = Replies.Of("add", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\",\"INTERFACE\":\"uem\",\"ID_X\":\"1\"");
        var change = Replies.Of("change", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\",\"INTERFACE\":\"uem\",\"ID_X\":\"2\"");
        var remove = Replies.Of("remove", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\",\"INTERFACE\":\"uem\"");
        byte[] frame = Encoding.UTF8.GetBytes("""{"parameters":{"events":[{"cursor":"1:77","action":"change","device":{"devpath":"/devices/virtual/net/uem","subsystem":"net","sysname":"uem","settled":true,"properties":{"ACTION":"change","IFINDEX":"7","A":"\"\u00e9"}},"seqnum":9}]},"continues":true}""");
        var (read, cursor) = (new ForwardedEvent(), new ByteBuffer(64));
        void Round()
        {
            foreach (var one in (ReadOnlySpan<ForwardedEvent>)[add, change, change, remove])
            {
                teller.Tell(one, "1:2"u8);
                teller.EndReply();
            }
            var reply = new ReplyReader(frame, cursor);
            while (reply.Next(read) != ReplyPart.End)
                teller.Tell(read, cursor.Written);
            teller.EndReply();
        }
        for (var i = 0; i < 50; i++)
            Round();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++)
                Round();
        }));
        Assert.Empty(_said);
    }

    [Fact]
    public void An_entry_is_written_before_and_only_if_it_is_another_one()
    {
        var teller = Started();
        Tell(teller, Replies.Of("add", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\",\"ID_X\":\"1\""), "1:2");
        var (entry, tag) = (Path.Combine(_directory, "data/n7"), Path.Combine(_directory, "tags/settled/n7"));
        Assert.Matches("^I:[1-9][0-9]*\nE:ID_X=1\nE:UEVENT_MANAGER=1\nG:settled\nQ:settled\nV:1\n$", File.ReadAllText(entry));
        Assert.True(File.Exists(tag));
        File.WriteAllText(entry, "kept");
        Tell(teller, Replies.Of("change", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\",\"ID_X\":\"1\",\"MORE\":\"1\""), "1:3");
        Assert.Equal("kept", File.ReadAllText(entry));
        Tell(teller, Replies.Of("change", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\",\"ID_X\":\"2\"", settled: false), "1:4");
        Assert.Matches("^I:[0-9]+\nE:ID_X=2\nE:UEVENT_MANAGER=1\nG:settled\nV:1\n$", File.ReadAllText(entry));
        Tell(teller, Replies.Of("remove", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\""), "1:5");
        Assert.False(File.Exists(entry) || File.Exists(tag));
    }

    [Fact]
    public void Entries_of_an_earlier_run_or_udevd_are_removed_and_their_times_kept()
    {
        File.WriteAllText(Path.Combine(_directory, "data/n7"), "S:x\nI:4711\nG:seat\n");
        File.WriteAllText(Path.Combine(_directory, "data/n8"), "I:1\n");
        foreach (var tag in new[] { "seat", "settled" })
        {
            Directory.CreateDirectory(Path.Combine(_directory, "tags", tag));
            File.WriteAllText(Path.Combine(_directory, "tags", tag, "n8"), "");
        }
        var teller = Teller();
        teller.TakeState([teller.Hear(Replies.Of("", "/devices/virtual/net/uem", "net", ",\"IFINDEX\":\"7\""))], "1:1"u8);
        Assert.Equal(["n7"], Directory.EnumerateFiles(Path.Combine(_directory, "data")).Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_directory, "tags/seat")));
        Assert.Equal(["n7"], Directory.EnumerateFiles(Path.Combine(_directory, "tags/settled")).Select(Path.GetFileName));
        Assert.StartsWith("I:4711\n", File.ReadAllText(Path.Combine(_directory, "data/n7")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_is_noted_as_a_whole_since_its_events_share_a_cursor()
    {
        var teller = Started();
        Tell(teller, Replies.Of("add", "/devices/virtual/g/one", "g"), "1:2");
        teller.Tell(Replies.Of("add", "/devices/virtual/g/two", "g"), "1:3"u8);
        teller.Tell(Replies.Of("add", "/devices/virtual/g/three", "g"), "1:3"u8);
        // As if it was killed here.
        Assert.Equal(("1:2", "/devices/virtual/g/one"), Noted());
        teller.Tell(Replies.Of("remove", "/devices/virtual/g/one", "g"), "1:4"u8);
        Assert.Equal(("1:3", "/devices/virtual/g/one /devices/virtual/g/three /devices/virtual/g/two"), Noted());
        Assert.True(File.Exists(Path.Combine(_directory, "queue")));
        teller.EndReply();
        Assert.Equal(("1:4", "/devices/virtual/g/three /devices/virtual/g/two"), Noted());
        Assert.False(File.Exists(Path.Combine(_directory, "queue")));
    }

    [Fact]
    public void A_later_run_has_the_picture_of_the_former_one_with_what_sysfs_says_no_more()
    {
        var teller = Started();
        Tell(teller, Replies.Of("add", "/devices/virtual/g/old", "g"), "1:2");
        Tell(teller, Replies.Of("add", "/devices/virtual/g/old/below", "g"), "1:3");
        Tell(teller, Replies.Of("move", "/devices/virtual/g/new", "g", old: "/devices/virtual/g/old"), "1:4");
        Assert.Equal(("1:4", "/devices/virtual/g/new /devices/virtual/g/new/below"), Noted());
        _told.Dispose();
        _told = ToldFile.Open(ToldPath, "");
        teller = Teller();
        Assert.True(File.Exists(Path.Combine(_directory, "data/+g:new")));
        Assert.False(File.Exists(Path.Combine(_directory, "data/+g:old")));
        Tell(teller, Replies.Of("remove", "/devices/virtual/g/new/below", "g"), "1:5");
        Assert.Equal(("1:5", "/devices/virtual/g/new"), Noted());
        Assert.Equal(["+g:new"], Directory.EnumerateFiles(Path.Combine(_directory, "data")).Select(Path.GetFileName));
    }

    private (string Cursor, string Devices) Noted()
    {
        using var read = ToldFile.Open(ToldPath, "");
        return (Encoding.UTF8.GetString(read.Cursor), string.Join(' ', read.Devices!.All.Select(device => Encoding.UTF8.GetString(device.Path)).Order(StringComparer.Ordinal)));
    }

    private static void Tell(ForwardTeller teller, ForwardedEvent said, string cursor)
    {
        teller.Tell(said, Encoding.UTF8.GetBytes(cursor));
        teller.EndReply();
    }

    private ForwardTeller Started()
    {
        var teller = Teller();
        teller.TakeState([], "1:1"u8);
        return teller;
    }

    private ForwardTeller Teller()
    {
        TagSet settled = new(["settled"]), unsettled = new([]);
        return new ForwardTeller(new ForwardMessages(_options, new ForwardTargets(_options)), new ForwardDatabase(_udev, settled, unsettled, _options.Say), _told, new DerivedProperties(_directory));
    }
}
