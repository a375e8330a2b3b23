using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Dispatch;

/// <summary>Programs that forward a device or open its directory need the kernel's bytes, not a text.</summary>
public sealed class RawNameTests
{
    private const string Net = "/devices/virtual/net/";

    // 'ÿ' is the byte 0xff here, which is no UTF-8.
    private readonly StreamWorld _world = new() { Bytes = Encoding.Latin1 };

    [Fact]
    public void Valid_text_has_no_second_form()
    {
        var stream = Subscribe(null);
        _world.Uevent("add", Net + "a", "X=\"\\xff");
        Assert.Equal([$"add {Net}a - - -"], Told(stream));
    }

    [Fact]
    public void A_name_is_written_as_bytes_wherever_it_occurs()
    {
        var stream = Subscribe(null);
        _world.Uevent("add", Net + "ÿ", "INTERFACE=ÿ");
        _world.Uevent("move", Net + "b", $"DEVPATH_OLD={Net}ÿ", "INTERFACE=b");
        _world.Uevent("move", Net + "þ", $"DEVPATH_OLD={Net}b", "INTERFACE=þ");
        Assert.Equal(
            [
                $@"add {Net}\xff {Net}ÿ INTERFACE=ÿ -",
                $@"move {Net}b from {Net}\xff - DEVPATH_OLD={Net}ÿ,INTERFACE=b {Net}ÿ",
                $@"move {Net}\xfe from {Net}b {Net}þ DEVPATH_OLD={Net}b,INTERFACE=þ -",
            ],
            Told(stream));
    }

    [Fact]
    public void A_device_that_a_move_takes_out_of_a_filter_is_removed_with_the_bytes_of_its_old_name()
    {
        _world.Uevent("add", Net + "mvÿ");
        _world.Uevent("add", Net + "mv");
        var stream = Subscribe(new DeviceFilter { SysNames = [Glob.Parse("mv*")] });
        _world.Uevent("move", Net + "a", $"DEVPATH_OLD={Net}mvÿ");
        _world.Uevent("move", Net + "ÿ", $"DEVPATH_OLD={Net}mv");
        _world.Uevent("move", Net + "mvþ", $"DEVPATH_OLD={Net}ÿ");
        Assert.Equal(
            [
                $@"remove {Net}mv\xff {Net}mvÿ DEVPATH_OLD={Net}mvÿ -",
                $@"remove {Net}mv - DEVPATH_OLD={Net}mv -",
                $@"add {Net}mv\xfe {Net}mvþ DEVPATH_OLD={Net}ÿ -",
            ],
            Told(stream));
    }

    [Fact]
    public void Whatever_bytes_a_device_has_forward_reads_the_same()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            // Half of the bytes make text that looks like an escaped byte.
            byte[] Some(int most) => [.. Enumerable.Range(0, random.Next(1, most)).SelectMany(_ => random.Next(3) switch { 0 => "\\xff"u8.ToArray(), 1 => new[] { (byte)random.Next(0x21, 0x7f) }, _ => [(byte)random.Next(1, 256)] })
                .Where(one => one is not (0 or (byte)'/' or (byte)'='))];
            byte[] path = [.. "/devices/"u8, .. Some(8)], name = [.. "bus/"u8, .. Some(5)], value = Some(20);
            byte[] properties = [.. "ACTION=add\0DEVPATH="u8, .. path, 0, .. "DEVNAME="u8, .. name, 0, .. "DRIVER=d\0K"u8, .. Some(4), (byte)'=', .. value, 0];
            var view = new DeviceView { Path = path, Subsystem = "net", Properties = properties, Outline = PropertyOutline.Of(properties), OwnProperties = properties, Findings = Findings.None };
            var said = new ForwardedEvent();
            byte[] reply = [.. "{\"parameters\":{\"state\":["u8, .. new EventEncoder().Device(view), .. "]}}"u8];
            Assert.Equal(ReplyPart.Device, new ReplyReader(reply, new ByteBuffer()).Next(said));
            Assert.True(path.AsSpan().SequenceEqual(said.DevPath), $"round {round}");
            Assert.True(said.DevNode.SequenceEqual([.. "/dev/"u8, .. name]), $"round {round}");
            Assert.True(said.Driver.SequenceEqual("d"u8), $"round {round}");
            var (told, wanted) = (new ByteBuffer(), new ByteBuffer());
            DeviceText.Compose(told, said.DevPath, said, default);
            foreach (var entry in PropertyBlock.Entries(properties))
            {
                if (!entry.StartsWith("ACTION="u8) && !entry.StartsWith("DEVPATH="u8) && !entry.StartsWith("DEVNAME="u8) && !entry.StartsWith("DRIVER="u8))
                    DeviceText.Entry(wanted, entry);
            }
            Assert.True(told.Written.IndexOf(wanted.Written) >= 0, $"round {round}: {Encoding.Latin1.GetString(told.Written)} lacks {Encoding.Latin1.GetString(wanted.Written)}");
        }
    }

    private SubscriberStream Subscribe(DeviceFilter? filter)
    {
        var stream = _world.Publisher.Subscribe(filter, false, false, null);
        _ = StreamWorld.Read(stream);
        return stream;
    }

    private static IEnumerable<string> Told(SubscriberStream stream) => StreamWorld.Read(stream).SelectMany(reply => reply.GetProperty("events").EnumerateArray()).Select(one =>
    {
        var device = one.GetProperty("device");
        var old = one.TryGetProperty("oldDevpath", out var text) ? $" from {text}" : "";
        return $"{one.GetProperty("action")} {device.GetProperty("devpath")}{old} {Raw(device, "rawDevpath")} {Raw(device, "rawProperties")} {Raw(one, "rawOldDevpath")}";
    });

    private static string Raw(JsonElement of, string member) =>
        of.TryGetProperty(member, out var text) ? Encoding.Latin1.GetString(text.GetBytesFromBase64()).TrimEnd('\0').Replace('\0', ',') : "-";
}
