using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Dispatch;

/// <summary>A device's properties become one member for each key, whatever bytes a driver sends.</summary>
public sealed class DeviceJsonTests
{
    [Fact]
    public void The_last_value_of_a_repeated_key_is_written_once()
    {
        var json = Encode("LEVEL=1\0DEVTYPE=a\0DRIVER=x\0LEVEL=2\0DEVTYPE=b\0DRIVER=y\0");
        Assert.Equal("""{"DEVPATH":"/devices/d","SUBSYSTEM":"net","LEVEL":"2","DEVTYPE":"b","DRIVER":"y"}""", json.GetProperty("properties").GetRawText());
        Assert.Equal("b", json.GetProperty("devtype").GetString());
        Assert.Equal("y", json.GetProperty("driver").GetString());
    }

    [Fact]
    public void Different_keys_that_look_alike_are_all_written()
    {
        // Of equal length, with the same first, middle and last letter.
        var json = Encode("ABCD=1\0AXCD=2\0AYCD=3\0AXCD=4\0");
        Assert.Equal("""{"DEVPATH":"/devices/d","SUBSYSTEM":"net","ABCD":"1","AYCD":"3","AXCD":"4"}""", json.GetProperty("properties").GetRawText());
    }

    [Fact]
    public void A_repeated_key_is_written_once_even_beyond_the_remembered_keys()
    {
        var keys = string.Concat(Enumerable.Range(0, 200).Select(i => $"KEY{i:D3}=first\0"));
        var members = Encode(keys + "KEY000=last\0KEY199=last\0").GetProperty("properties").EnumerateObject().ToList();
        Assert.Equal(202, members.Count);
        Assert.Equal(202, members.Select(member => member.Name).Distinct().Count());
        Assert.All(members.Where(member => member.Name is "KEY000" or "KEY199"), member => Assert.Equal("last", member.Value.GetString()));
    }

    [Fact]
    public void A_repeated_key_is_written_once_also_if_values_are_not_UTF8()
    {
        var json = Encode([.. "LEVEL=1\0RAW="u8, 0xff, .. "\0LEVEL=2\0"u8]);
        Assert.Equal("""{"DEVPATH":"/devices/d","SUBSYSTEM":"net","RAW":"\\xff","LEVEL":"2"}""", json.GetProperty("properties").GetRawText(), ignoreCase: true);
    }

    [Theory]
    [InlineData("", "/dev/")]
    [InlineData("/run/", "/run/")]
    public void A_node_whose_name_is_not_UTF8_is_forwarded_with_its_bytes(string before, string expected)
    {
        var json = Encode([.. "DEVNAME="u8, .. Encoding.UTF8.GetBytes(before), .. "bus/"u8, 0xc3, .. "x"u8, 0xff, 0]);
        Assert.Equal($@"{expected}bus/\xc3x\xff", json.GetProperty("devnode").GetString(), ignoreCase: true);
        Assert.Equal($@"{before}bus/\xc3x\xff", json.GetProperty("properties").GetProperty("DEVNAME").GetString(), ignoreCase: true);
    }

    private static JsonElement Encode(string properties) => Encode(Encoding.UTF8.GetBytes(properties));

    private static JsonElement Encode(byte[] properties)
    {
        var encoder = new EventEncoder();
        var view = new DeviceView { Path = "/devices/d"u8, Subsystem = "net", Properties = properties, Outline = PropertyOutline.Of(properties), OwnProperties = properties, Findings = Findings.None };
        var reader = new Utf8JsonReader(encoder.Device(view));
        return JsonElement.ParseValue(ref reader);
    }
}
