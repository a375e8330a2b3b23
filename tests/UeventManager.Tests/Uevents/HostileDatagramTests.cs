using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>A datagram that is not exactly a uevent is refused and counted under its own reason.</summary>
public sealed class HostileDatagramTests
{
    [Fact]
    public void An_empty_datagram_is_refused() => Assert.Equal(UeventRejection.Empty, Datagram.Parse([]));

    [Theory]
    [InlineData("add@/devices/a")]
    [InlineData("add@/devices/a\0ACTION=add")]
    [InlineData("libudev")]
    public void A_datagram_without_its_final_NUL_is_refused(string text) =>
        Assert.Equal(UeventRejection.NoFinalNul, Datagram.Parse(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("")]
    [InlineData("@/devices/a")]
    [InlineData("add/devices/a")]
    [InlineData("libudev")]
    [InlineData("ACTION=add")]
    public void A_datagram_without_action_at_devpath_is_refused(string header) => Assert.Equal(UeventRejection.NoHeader, Datagram.Parse(Datagram.Of(header)));

    [Theory]
    [InlineData("explode@/devices/a")]
    [InlineData("ADD@/devices/a")]
    [InlineData(" add@/devices/a")]
    [InlineData("add @/devices/a")]
    [InlineData("adde@/devices/a")]
    public void A_datagram_with_an_unknown_action_is_refused(string header) =>
        Assert.Equal(UeventRejection.UnknownAction, Datagram.Parse(Datagram.Of(header)));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("devices/a")]
    [InlineData("./devices/a")]
    [InlineData("/devices/../../etc/shadow")]
    [InlineData("/devices/a/..")]
    [InlineData("/..")]
    [InlineData("/devices/./a")]
    [InlineData("/devices//a")]
    [InlineData("//devices/a")]
    [InlineData("/devices/a/")]
    public void A_datagram_with_a_path_that_leads_out_or_nowhere_is_refused(string path) =>
        Assert.Equal(UeventRejection.BadDevPath, Datagram.Parse(Datagram.Of("add@" + path)));

    [Theory]
    [InlineData("/devices/a..b")]
    [InlineData("/devices/...")]
    [InlineData("/devices/.a")]
    [InlineData("/devices/a@b")]
    [InlineData("/devices/a b=c")]
    public void Names_that_only_look_like_it_are_good(string path) =>
        Assert.Equal(UeventRejection.None, Datagram.Parse(Datagram.Of("add@" + path)));

    [Theory]
    [InlineData("../a")]
    [InlineData("/devices/../a")]
    [InlineData("devices/a")]
    public void A_datagram_with_an_old_path_that_leads_out_is_refused(string path) =>
        Assert.Equal(UeventRejection.BadDevPath, Datagram.Parse(Datagram.Full("move", "/devices/b", $"DEVPATH_OLD={path}")));

    [Fact]
    public void A_datagram_with_a_path_longer_than_PATH_MAX_is_refused()
    {
        Assert.Equal(UeventRejection.None, Datagram.Parse(Datagram.Of("add@/devices/" + new string('a', DevPaths.MaxLength - 9))));
        Assert.Equal(UeventRejection.BadDevPath, Datagram.Parse(Datagram.Of("add@/devices/" + new string('a', DevPaths.MaxLength - 8))));
    }

    [Theory]
    [InlineData("KEY")]
    [InlineData("=value")]
    [InlineData("=")]
    [InlineData("")]
    public void A_datagram_with_an_entry_that_is_no_property_is_refused(string entry) =>
        Assert.Equal(UeventRejection.BadProperty, Datagram.Parse(Datagram.Of("add@/devices/a", entry, "KEY=value")));

    [Theory]
    [InlineData("KEY=")]
    [InlineData("KEY==")]
    [InlineData("KEY=a=b=c")]
    [InlineData("key with spaces=1")]
    public void Properties_that_only_look_odd_are_kept(string entry) =>
        Assert.Equal(UeventRejection.None, Datagram.Parse(Datagram.Of("add@/devices/a", entry)));

    [Fact]
    public void A_datagram_with_more_properties_than_the_kernel_allows_is_refused()
    {
        var entries = Enumerable.Range(0, UeventParser.MaxProperties).Select(i => $"K{i}=v").ToArray();
        Assert.Equal(UeventRejection.None, Datagram.Parse(Datagram.Of("add@/devices/a", [.. entries, "SEQNUM=1"])));
        Assert.Equal(UeventRejection.TooManyProperties, Datagram.Parse(Datagram.Of("add@/devices/a", [.. entries, "ONE=more", "SEQNUM=1"])));
    }

    [Theory]
    [InlineData("ACTION=remove")]
    [InlineData("ACTION=")]
    [InlineData("DEVPATH=/devices/b")]
    [InlineData("DEVPATH=")]
    public void A_message_whose_properties_contradict_its_header_is_refused(string entry) =>
        Assert.Equal(UeventRejection.HeaderMismatch, Datagram.Parse(Datagram.Of("add@/devices/a", entry)));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1x")]
    [InlineData("1 ")]
    [InlineData("0x10")]
    [InlineData("99999999999999999999")]
    public void A_datagram_with_a_SEQNUM_that_is_no_number_is_refused(string seqnum) =>
        Assert.Equal(UeventRejection.BadSeqnum, Datagram.Parse(Datagram.Of("add@/devices/a", $"SEQNUM={seqnum}")));

    [Fact]
    public void The_seqnum_that_the_kernel_appends_counts_and_not_one_that_was_sent_with_it()
    {
        UeventParser.TryParse(Datagram.Of("add@/devices/a", "SEQNUM=1", "SEQNUM=900"), out var uevent);
        Assert.Equal(900, uevent.Seqnum);
    }

    [Fact]
    public void A_datagram_with_a_value_of_eight_kibibytes_is_read()
    {
        var value = new string('x', 8192);
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(Datagram.Full("add", "/devices/a", $"BIG={value}"), out var uevent));
        Assert.True(PropertyBlock.TryGet(uevent.Properties, "BIG"u8, out var read));
        Assert.Equal(8192, read.Length);
    }

    [Fact]
    public void Any_bytes_are_parsed_without_an_exception()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        var good = Datagram.Full("move", "/devices/a/b", "SUBSYSTEM=net", "DEVPATH_OLD=/devices/a/c", "SYNTH_UUID=0");
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            for (var n = random.Next(6); n >= 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            bytes = bytes[..random.Next(bytes.Length + 1)];
            var rejection = UeventParser.TryParse(bytes, out var uevent);
            Assert.True(rejection != UeventRejection.None || DevPaths.IsValid(uevent.DevPath), Seed.Replay(seed));
        }
    }
}
